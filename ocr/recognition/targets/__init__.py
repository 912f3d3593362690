"""From a text to the codes that a recogniser learns."""
