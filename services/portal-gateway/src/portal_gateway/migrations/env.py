from kontor.migrations import run_env
from portal_gateway.adapters.tables import metadata

run_env(metadata)
