-- Account slot: what a process tells of the inbox that it runs, for so long. keys: inbox state
function ops.announce(k, told, term)
  call('SET', k[1], told, 'PX', term)
  return 0
end
