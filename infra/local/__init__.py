"""The whole platform on one machine; the public part is ``infra.local.launcher``."""
