"""Rules, the words they look for, and the priority matrix. Pure: nothing is looked up."""
