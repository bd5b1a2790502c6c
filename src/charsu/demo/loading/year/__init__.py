"""Putting the retailer's year into a shop of its own, by sets and COPY, in chunks that commit.

Between the chunks the books do not balance yet, so nobody sells from this shop until ``load_year``
has returned; a shop of an interrupted load is thrown away.
"""

from charsu.demo.loading.year.load import load_year

__all__ = ["load_year"]
