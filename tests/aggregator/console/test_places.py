import pytest

from aggregator.console.places import Place, PlacesError, read_places

GOOD = '[[places]]\nname = "Atoyac"\nlat_deg = 17.2\nlon_deg = -100\n'


def test_places_are_read_in_order(tmp_path):
    path = tmp_path / "places.toml"
    path.write_text(GOOD + GOOD.replace("Atoyac", "Tecpan"))

    assert read_places(path) == [Place("Atoyac", 17.2, -100.0), Place("Tecpan", 17.2, -100.0)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "places = 1",
        "[[places",
        GOOD.replace('"Atoyac"', "5"),
        GOOD.replace("17.2", "91"),
        GOOD.replace("17.2", "nan"),
        GOOD.replace("17.2", '"17.2"'),
        GOOD.replace("lat_deg = 17.2", ""),
    ],
)
def test_a_file_that_names_no_places_is_refused_by_name(tmp_path, text):
    path = tmp_path / "places.toml"
    path.write_text(text)

    with pytest.raises(PlacesError, match=r"places\.toml"):
        read_places(path)


def test_a_missing_file_is_refused_by_name(tmp_path):
    with pytest.raises(PlacesError, match=r"nowhere\.toml"):
        read_places(tmp_path / "nowhere.toml")
