"""Stories that cross the packages, told through the doors that the public has."""
