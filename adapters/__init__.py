"""One platform each; an adapter knows no other adapter."""
