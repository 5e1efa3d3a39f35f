"""The page on which one plays the customers and the phones, and the control API behind it."""
