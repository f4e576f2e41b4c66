"""OpenML from a cache and from a server on this machine; no request leaves it."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tabsculpt.datasets.medical import Medical
from tabsculpt.datasets.notes import phrase
from tabsculpt.datasets.openml import OpenML
from tabsculpt.errors import UserError
from tabsculpt.table import Task

ID = 990001
ARFF = (
    "@relation small\n@attribute key numeric\n@attribute a numeric\n@attribute g {u,v}\n"
    "@attribute y numeric\n@data\n"
    + "".join(f"{i},{i / 8},{'uv'[i % 2]},{i * i / 3}\n" for i in range(20))
)


class Files(SimpleHTTPRequestHandler):
    """Serves a folder and says nothing."""

    def log_message(self, *args: object) -> None:
        """Keep the tests' output clean."""


def description(url: str, checksum: str | None, target: str | None = "y") -> str:
    """What OpenML answers about a data set."""
    optional = "".join(
        f"<oml:{key}>{value}</oml:{key}>"
        for key, value in (("md5_checksum", checksum), ("default_target_attribute", target))
        if value is not None
    )
    return (
        '<oml:data_set_description xmlns:oml="http://openml.org/openml">'
        f"<oml:id>{ID}</oml:id><oml:name>small</oml:name><oml:version>1</oml:version>"
        f"<oml:format>ARFF</oml:format><oml:url>{url}</oml:url>"
        f"<oml:row_id_attribute>key</oml:row_id_attribute>{optional}"
        "</oml:data_set_description>"
    )


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Path]:
    """An empty cache of the client, its server being a port where nobody listens."""
    import openml

    before = openml.config._root_cache_directory, openml.config.server
    openml.config.set_root_cache_directory(tmp_path / "cache")
    openml.config.server = "http://127.0.0.1:9/api/v1/xml"
    yield Path(openml.config.get_cache_directory()) / "datasets" / str(ID)
    openml.config.set_root_cache_directory(before[0])
    openml.config.server = before[1]


@pytest.fixture
def server(tmp_path: Path, cache: Path) -> Iterator[tuple[Path, str, Path]]:
    """A folder, the address at which it is served as OpenML, and the cache folder of the set."""
    import openml

    folder = tmp_path / "served"
    (folder / "api/v1/xml/data").mkdir(parents=True)
    (folder / "dataset.arff").write_text(ARFF)
    http = ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=str(folder)))
    threading.Thread(target=http.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{http.server_port}"
    openml.config.server = f"{url}/api/v1/xml"
    yield folder, url, Path(openml.config.get_cache_directory()) / "datasets" / str(ID)
    http.shutdown()
    http.server_close()


def fill(cache: Path, checksum: str | None = None, target: str | None = "y") -> None:
    cache.mkdir(parents=True)
    (cache / "dataset.arff").write_text(ARFF)
    (cache / "description.xml").write_text(description("http://127.0.0.1:9/x", checksum, target))


def medical(data: str | None, **changes: Any) -> Medical:
    settings: dict[str, Any] = {
        "columns": ["key", "a", "g", "y"],
        "rows": 20,
        "target": "y",
    } | changes
    return Medical(name="small", openml_id=ID, file="small", data=data, **settings)


def test_a_cached_set_is_read_without_a_network(cache: Path) -> None:
    fill(cache, md5(ARFF))
    found = OpenML(ID).load()
    assert found.name == "small"
    assert found.table.schema.names == ["a", "g", "y"]
    assert found.table.schema.target == "y"
    assert found.table.target.tolist() == [i * i / 3 for i in range(20)]
    assert phrase(found.notes) == ["left out as OpenML says: key"]
    other = OpenML(ID, target="g", name="mine").load()
    assert (other.name, other.table.schema.task) == ("mine", Task.BINARY)


def test_what_openml_ignores_is_kept_where_a_setting_names_it(cache: Path) -> None:
    fill(cache)
    assert OpenML(ID, target="key").load().table.schema.names == ["key", "a", "g", "y"]
    assert OpenML(ID, drop=["key"]).load().notes == ()


def test_a_set_without_default_target_asks_for_one(cache: Path) -> None:
    fill(cache, target="a,y")
    with pytest.raises(UserError, match=r"names a,y as default target; set dataset\.target"):
        OpenML(ID).load()


def test_a_cached_file_that_differs_from_its_checksum_is_noted(cache: Path) -> None:
    fill(cache, "0" * 32)
    assert "delete it to download it again" in str(OpenML(ID).load().notes[0])


def test_without_cache_and_network_one_line_says_where_it_looked(
    cache: Path, tmp_path: Path
) -> None:
    with pytest.raises(UserError) as caught:
        medical(str(tmp_path)).load()
    message = str(caught.value)
    assert str(tmp_path / "openml" / "small.arff") in message
    assert str(cache / "dataset.arff") in message
    assert "go online once" in message
    assert "\n" not in message


def test_a_file_without_description_survives(cache: Path) -> None:
    fill(cache)
    (cache / "description.xml").unlink()
    with pytest.raises(UserError, match=r"no description\.xml; use dataset=arff"):
        OpenML(ID).load()
    assert medical(None).load().table.frame.shape == (20, 4)


def test_a_download_is_checked_cached_and_read_again_without_a_server(
    server: tuple[Path, str, Path],
) -> None:
    folder, url, cached = server
    about = folder / "api/v1/xml/data" / str(ID)
    about.write_text(description(f"{url}/dataset.arff", md5(ARFF)))
    first = OpenML(ID).load()
    assert (cached / "dataset.arff").read_text() == ARFF
    assert sorted(path.name for path in cached.iterdir()) == ["dataset.arff", "description.xml"]
    about.unlink()
    (folder / "dataset.arff").unlink()
    assert OpenML(ID).load().table.fingerprint() == first.table.fingerprint()
    assert medical(None).load().table.frame.shape == (20, 4)


def test_a_damaged_download_leaves_no_file(server: tuple[Path, str, Path]) -> None:
    folder, url, cached = server
    about = folder / "api/v1/xml/data" / str(ID)
    about.write_text(description(f"{url}/dataset.arff", "0" * 32))
    with pytest.raises(UserError, match="checksum differs"):
        OpenML(ID).load()
    assert [path.name for path in cached.iterdir()] == ["description.xml"]


def test_a_file_that_the_server_lacks(server: tuple[Path, str, Path]) -> None:
    folder, url, _ = server
    about = folder / "api/v1/xml/data" / str(ID)
    about.write_text(description(f"{url}/gone.arff", None))
    with pytest.raises(UserError, match="cannot be downloaded"):
        OpenML(ID).load()


def test_the_data_folder_comes_first(cache: Path, tmp_path: Path) -> None:
    fill(cache)
    (tmp_path / "openml").mkdir()
    (tmp_path / "openml" / "small.arff").write_text(ARFF.replace("key", "number"))
    found = medical(str(tmp_path), columns=["number", "a", "g", "y"]).load()
    assert found.table.schema.names[0] == "number"
