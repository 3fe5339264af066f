"""All measures at once are the measures one by one, to the last bit; colours are looked at once."""

from typing import Any

import pytest
import torch

from gradlab.measures import Compared, available, table


@pytest.mark.parametrize("shape", [(2, 3, 40, 56), (1, 1, 28, 28), (3, 3, 8, 8)])
def test_they_are_the_measures_one_by_one(shape: tuple[int, ...]) -> None:
    chance = torch.Generator().manual_seed(0)
    clean = (torch.rand(shape, generator=chance) * 255).round() / 255
    far, near = torch.rand(shape, generator=chance), (clean + 1 / 255).clamp(max=1)
    compared = Compared(clean)
    for others in (far, near, clean, clean.clone()):
        found = compared.to(others)
        assert found.keys() == available().keys()
        for name, metric in available().items():
            torch.testing.assert_close(
                found[name], metric.function(clean, others), rtol=0, atol=0, equal_nan=True, msg=name
            )


def test_colours_are_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    to_lab: Any = table.to_lab

    def noted(images: torch.Tensor) -> torch.Tensor:
        asked.append(len(images))
        return to_lab(images)

    monkeypatch.setattr(table, "to_lab", noted)
    clean = torch.rand(1, 3, 16, 16)
    compared = Compared(clean)
    compared.to(clean.clone())
    assert not asked, "an image has the colours that it has"
    compared.to(torch.rand(1, 3, 16, 16))
    compared.to(torch.rand(1, 3, 16, 16))
    assert len(asked) == 3
