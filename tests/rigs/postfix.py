"""The configuration of a Postfix that delivers one domain to Dovecot and nothing anywhere else."""

from pathlib import Path

from tests.rigs.mailports import DOMAIN, HOST, Ports


def main_cf(base: Path, ports: Ports) -> str:
    """The settings of a Postfix whose files are below `base`."""
    return f"""
compatibility_level = 3.6
queue_directory = {base}/postfix/queue
data_directory = {base}/postfix/data
maillog_file = {base}/log/postfix
maillog_file_prefixes = {base}
mail_owner = postfix
setgid_group = postdrop
enable_long_queue_ids = yes

myhostname = mx.{DOMAIN}
inet_interfaces = {HOST}
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtp_host_lookup = native
smtp_dns_support_level = disabled
smtpd_peername_lookup = no
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
message_size_limit = 52428800

# Mailboxes are Dovecot's; there are no accounts of the machine among them.
mydestination =
local_recipient_maps =
alias_maps =
alias_database =
virtual_mailbox_domains = {DOMAIN}
virtual_mailbox_maps = regexp:{base}/postfix/etc/users
virtual_transport = lmtp:inet:{HOST}:{ports.lmtp}
lmtp_destination_recipient_limit = 1
recipient_delimiter = +

# Mail for others ends at a server of ours that refuses it, or (port 9) at none.
default_transport = smtp:[{HOST}]:{ports.elsewhere}
relay_transport = smtp:[{HOST}]:{ports.elsewhere}
transport_maps = inline:{{ {{soft.test = smtp:[{HOST}]:9}} {{tempfail.test = retry:4.4.1 later}} }}
queue_run_delay = 3s
minimal_backoff_time = 3s
maximal_backoff_time = 6s
delay_warning_time = 4s
bounce_queue_lifetime = 20s
maximal_queue_lifetime = 20s

smtpd_tls_cert_file = {base}/tls/cert.pem
smtpd_tls_key_file = {base}/tls/key.pem
smtpd_tls_security_level = may
smtpd_sasl_type = dovecot
smtpd_sasl_path = {base}/postfix/auth.sock
smtpd_sasl_auth_enable = yes
smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination
smtpd_recipient_restrictions = reject_unlisted_recipient
"""


def master_cf(ports: Ports) -> str:
    """Three listeners, then the services of Postfix, none of them in a chroot."""
    return f"""
{HOST}:{ports.smtp} inet n - n - - smtpd
{HOST}:{ports.submission} inet n - n - - smtpd
  -o syslog_name=postfix/submission
  -o smtpd_tls_security_level=encrypt
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
  -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject
  -o mynetworks=
{HOST}:{ports.elsewhere} inet n - n - - smtpd
  -o syslog_name=postfix/elsewhere
  -o myhostname=mx.elsewhere.invalid
  -o smtpd_relay_restrictions=
  -o {{ smtpd_recipient_restrictions = check_recipient_access static:{{550 5.1.1 Nobody}}, reject }}
pickup unix n - n 60 1 pickup
qmgr unix n - n 300 1 qmgr
cleanup unix n - n - 0 cleanup
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
smtp unix - - n - - smtp
lmtp unix - - n - - lmtp
tlsmgr unix - - n 1000? 1 tlsmgr
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
verify unix - - n - 1 verify
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""
