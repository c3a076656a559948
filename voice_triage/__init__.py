"""Voice triage for back spasms: spoken questions, spoken answers, advice, all offline."""

__version__ = "0.1.0"
