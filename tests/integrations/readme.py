"""What a vendor's README says of its document, feature by feature."""

from pathlib import Path
from types import ModuleType


def features_of(vendor: ModuleType) -> dict[str, str]:
    """`{operation: what it is here}` of the feature table."""
    readme = Path(next(iter(vendor.__path__))) / "README.md"
    section = readme.read_text().split("## Features")[1].split("\n## ")[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("|")
    ]
    return {row[0].replace("`", ""): row[1].replace("`", "") for row in rows[2:]}
