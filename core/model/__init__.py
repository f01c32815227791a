"""Every value that is stored or passed on: frozen structs, no behaviour beyond their own fields."""
