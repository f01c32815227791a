"""What commands do, apart from how they are called: imported when one is, with all it needs."""
