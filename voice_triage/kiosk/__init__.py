"""The screen and the appliance: a computer that anybody can walk up to."""
