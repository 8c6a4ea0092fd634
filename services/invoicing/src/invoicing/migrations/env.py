from invoicing.adapters.tables import metadata
from kontor.migrations import run_env

run_env(metadata)
