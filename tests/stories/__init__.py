"""Stories that cross the packages, told through public doors only."""
