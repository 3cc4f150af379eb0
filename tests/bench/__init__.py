"""Figures we promise to hold, measured on this machine: `make bench`, or `make bench FIGURE=name`."""
