"""LPIPS with weights drawn by chance, in a package of the same name that must not be run; and without any of it."""

import sys
import warnings
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torchvision.models import AlexNet_Weights, alexnet

from gradlab.errors import BadValueError, CorruptFileError, MissingFileError
from gradlab.measures import METRICS, available, download_lpips, learned, lpips, lpips_needs

FILE = "hub/checkpoints/alexnet-owt-7be5be79.pth"
CHANNELS = (64, 192, 384, 256, 256)


def save(values: dict[str, Tensor], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(values, path)  # noqa: TID251 - the format in which the authors offer their weights


@pytest.fixture
def no_download(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.hub, "download_url_to_file", lambda *_, **__: pytest.fail("downloaded by surprise"))


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_download: None) -> Path:
    """A cache without AlexNet, and no package."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr(learned, "find_spec", lambda name: None)
    return tmp_path


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_download: None) -> Path:
    """The package, but no AlexNet."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.delitem(sys.modules, "lpips", raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))
    chance = torch.Generator().manual_seed(0)
    heads = {f"lin{k}.model.1.weight": torch.rand(1, n, 1, 1, generator=chance) for k, n in enumerate(CHANNELS)}
    save(heads, tmp_path / "lpips/weights/v0.1/alex.pth")
    (tmp_path / "lpips/__init__.py").write_text("raise RuntimeError('its code is not run')")
    return tmp_path


@pytest.fixture
def whole(package: Path) -> Path:
    """Both, AlexNet without its classifier: that is not used."""
    with torch.device("meta"):
        layers = alexnet().features.state_dict()
    chance = torch.Generator().manual_seed(0)
    trunk = {f"features.{name}": 0.02 * torch.randn(like.shape, generator=chance) for name, like in layers.items()}
    save(trunk, package / FILE)
    return package


def pair(count: int = 3, channels: int = 3, size: int = 32) -> tuple[Tensor, Tensor]:
    chance = torch.Generator().manual_seed(size)
    a = torch.rand(count, channels, size, size, generator=chance)
    return a, (a + 0.1 * torch.randn(a.shape, generator=chance)).clamp(0, 1)


# Without


def test_what_it_would_download_is_what_torchvision_has() -> None:
    weights = AlexNet_Weights.IMAGENET1K_V1
    assert weights.url == learned.TRUNK_URL
    assert weights.meta["_file_size"] == pytest.approx(learned.TRUNK_MB, abs=0.5)


def test_without_the_package_it_is_absent_and_says_how_to_get_it(empty: Path) -> None:
    assert available() == METRICS
    message = r"^LPIPS needs the package lpips, which is not installed: pip install 'gradlab\[lpips\]'$"
    for download in (False, True):
        with pytest.raises(MissingFileError, match=message):
            lpips(*pair(), download=download)
    with pytest.raises(MissingFileError, match=message):
        download_lpips()
    assert list(empty.iterdir()) == []


def test_without_alexnet_it_is_absent_and_says_what_it_would_download_from_where_to_where(package: Path) -> None:
    assert available() == METRICS
    with pytest.raises(MissingFileError) as caught:
        lpips(*pair())
    for part in ("233 MB", learned.TRUNK_URL, str((package / FILE).parent), "--download-lpips"):
        assert part in str(caught.value)
    assert lpips_needs() == str(caught.value)
    assert not (package / "hub").exists()


def test_with_consent_it_is_downloaded_once(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here, asked = whole / FILE, []
    content = here.read_bytes()
    here.unlink()

    def fetched(url: str, path: str, prefix: str) -> None:
        asked.append((url, prefix))
        Path(path).write_bytes(content)

    monkeypatch.setattr(torch.hub, "download_url_to_file", fetched)
    found = lpips(*pair(), download=True)
    assert found.shape == (3,)
    assert download_lpips() == here
    assert asked == [(learned.TRUNK_URL, "7be5be79")]


def test_another_file_than_the_one_asked_for_is_refused(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(url: str, path: str, prefix: str) -> None:
        raise RuntimeError('invalid hash value (expected "7be5be79", got "abc")')

    monkeypatch.setattr(torch.hub, "download_url_to_file", broken)
    with pytest.raises(CorruptFileError, match="sha256 begins with 7be5be79: invalid hash"):
        download_lpips()


# With


def test_it_is_a_distance(whole: Path) -> None:
    a, b = pair()
    found = lpips(a, b)
    assert found.shape == (3,)
    assert bool((found > 0).all())
    torch.testing.assert_close(lpips(b, a), found)
    assert lpips(a, a.clone()).tolist() == [0, 0, 0]
    near = a + 0.1 * (b - a)
    assert bool((lpips(a, near) < found).all())
    torch.testing.assert_close(torch.cat([lpips(a[k : k + 1], b[k : k + 1]) for k in range(3)]), found)
    assert lpips(a[:0], b[:0]).shape == (0,)
    assert not found.requires_grad


def test_it_is_in_the_table_where_all_of_it_is_there(whole: Path) -> None:
    assert lpips_needs() == ""
    assert available().keys() == METRICS.keys() | {"lpips"}
    a, b = pair()
    torch.testing.assert_close(available()["lpips"].function(a, b), lpips(a, b))


def test_grey_images_count_as_equal_channels_and_small_ones_have_no_lpips(whole: Path) -> None:
    a, b = pair(channels=1)
    torch.testing.assert_close(lpips(a, b), lpips(a.expand(-1, 3, -1, -1), b.expand(-1, 3, -1, -1)))
    a, b = pair(size=31)
    assert lpips(a, b).isfinite().all()
    assert lpips(a[..., 1:], b[..., 1:]).isnan().all()
    with pytest.raises(BadValueError, match="1 or 3 channels, got 2"):
        lpips(*pair(channels=2))


@pytest.mark.parametrize("name", [FILE, "lpips/weights/v0.1/alex.pth"])
@pytest.mark.parametrize("content", [b"", b"no weights", {"features.0.weight": torch.zeros(2)}])
def test_damaged_weights_are_refused(whole: Path, name: str, content: bytes | dict[str, Tensor]) -> None:
    if isinstance(content, bytes):
        (whole / name).write_bytes(content)
    else:
        save(content, whole / name)
    with pytest.raises(CorruptFileError, match="expected|do not make up"):
        lpips(*pair())


def test_a_file_that_would_run_something_is_refused(whole: Path, capsys: pytest.CaptureFixture[str]) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return print, ("it ran",)

    save({"features.0.weight": Bomb()}, whole / FILE)  # type: ignore[dict-item]
    with pytest.raises(CorruptFileError, match="cannot be read"):
        lpips(*pair())
    assert "it ran" not in capsys.readouterr().out


@pytest.mark.parametrize(("channels", "size"), [(3, 32), (3, 64), (3, 224), (1, 64)])
def test_it_is_the_authors(channels: int, size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is of 2021
        theirs = pytest.importorskip("lpips").LPIPS(net="alex", pnet_rand=True, verbose=False)
    parts = (getattr(theirs.net, f"slice{k}") for k in range(1, 6))
    trunk = {f"features.{name}": values for part in parts for name, values in part.state_dict().items()}
    save(trunk, tmp_path / FILE)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    a, b = pair(2, channels, size)
    with torch.inference_mode():
        expected = theirs(*(x.expand(-1, 3, -1, -1) for x in (a, b)), normalize=True).flatten()
    torch.testing.assert_close(lpips(a, b), expected, rtol=1e-4, atol=1e-7)
