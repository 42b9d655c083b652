"""No text is left untranslated on any page: in the marked language every text that was translated shows it."""

import pytest

from tests.access.scenes import SCENES, Scene
from tests.access.site import MARKED
from tests.access.stage import Stage, ask
from tests.marked import data, unmarked

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scene", SCENES, ids=[scene.name for scene in SCENES])
def test_every_word_is_translated(stage: Stage, scene: Scene) -> None:
    with stage.sites.marking():
        page = stage.show(scene, MARKED)
        found = unmarked(ask(page, "texts"), data(stage.sites.city, *stage.sites.names["titles"]))
    assert not found, "\n".join(found)
