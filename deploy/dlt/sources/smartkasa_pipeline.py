"""Load what SmartKasa has into the destination of the pipeline.

Made by `python -m codegen`; do not edit it.
"""

import dlt

from smartkasa import smartkasa


def load_smartkasa() -> None:
    """Load from the `start` in `.dlt/config.toml` on; a later run goes on from the last day that was loaded."""
    pipeline = dlt.pipeline(pipeline_name="smartkasa", destination="duckdb", dataset_name="smartkasa_data")
    print(pipeline.run(smartkasa()))


if __name__ == "__main__":
    load_smartkasa()
