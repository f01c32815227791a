"""The configuration of a Dovecot that gives everybody a mailbox, for versions 2.3 and 2.4."""

import subprocess
from pathlib import Path

from tests.rigs.mailports import HOST, PASSWORD, Ports


def dovecot_conf(base: Path, ports: Ports, program: str) -> str:
    """The settings of a Dovecot whose files are below `base`."""
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    release = tuple(int(part) for part in told.stdout.split(".")[:2])
    return (_accounts_2_4 if release >= (2, 4) else _accounts_2_3)(base) + _common(base, ports)


def _accounts_2_3(base: Path) -> str:
    return f"""
ssl_cert = <{base}/tls/cert.pem
ssl_key = <{base}/tls/key.pem
disable_plaintext_auth = no
mail_location = maildir:{base}/mail/%n
passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home={base}/mail/%n allow_all_users=yes
}}
"""


def _accounts_2_4(base: Path) -> str:
    return f"""
dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
ssl_server_cert_file = {base}/tls/cert.pem
ssl_server_key_file = {base}/tls/key.pem
auth_allow_cleartext = yes
mail_driver = maildir
mail_path = {base}/mail/%{{user | username}}
passdb static {{
  password = {PASSWORD}
}}
userdb static {{
  allow_all_users = yes
  fields {{
    uid = mail
    gid = mail
    home = {base}/mail/%{{user | username}}
  }}
}}
"""


def _common(base: Path, ports: Ports) -> str:
    return f"""
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/log/dovecot
protocols = imap lmtp
listen = {HOST}
instance_name = trunkline-{ports.imap}

ssl = yes
auth_mechanisms = plain login
mail_max_userip_connections = 200
mail_uid = mail
mail_gid = mail
first_valid_uid = 1
first_valid_gid = 1
recipient_delimiter = +
lmtp_save_to_detail_mailbox = no
# A test's mail need not survive the machine, but it should be seen at once.
mail_fsync = never
maildir_very_dirty_syncs = yes
mailbox_idle_check_interval = 1 secs

namespace inbox {{
  inbox = yes
  separator = /
  mailbox Archive {{
    auto = create
    special_use = \\Archive
  }}
  mailbox Sent {{
    auto = create
    special_use = \\Sent
  }}
  mailbox Junk {{
    auto = create
    special_use = \\Junk
  }}
}}

service imap-login {{
  inet_listener imap {{
    port = {ports.imap}
  }}
  inet_listener imaps {{
    port = {ports.imaps}
    ssl = yes
  }}
  chroot =
}}
service lmtp {{
  inet_listener lmtp {{
    port = {ports.lmtp}
  }}
}}
service auth {{
  unix_listener {base}/postfix/auth.sock {{
    mode = 0666
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""
