"""What community managers and customers do by commands, menus, buttons and forms. Pure."""
