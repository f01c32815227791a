"""What Discord sends, with invented people, places and ids."""
