-- Number slot: whose number this is from now on. keys: numbers
function ops.number(k, number, leg) return call('HSETNX', k[1], number, leg) end
