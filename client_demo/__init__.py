"""The pygame client of the arena: screens, art, sound, and the loop that drives them."""
