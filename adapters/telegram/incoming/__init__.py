"""From a raw update to what happened, in the model's words. Pure."""
