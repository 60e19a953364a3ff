"""Two people, nobody, and every field, argument and route: the catalogue's section 2.8."""
