"""From the lines of a receipt to its facts: fields and purchased items."""
