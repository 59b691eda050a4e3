"""The order of links: informative pages first, only links without side effects, and few pages of one kind."""

import pytest

from provisioning_assets.research.website.frontier import Frontier, Link, pattern_of, points, readable


@pytest.mark.parametrize(
    "url",
    [
        "https://a.com/logout", "https://a.com/?add-to-cart=3", "https://a.com/x?action=delete", "https://a.com/x.pdf",
        "https://a.com/photo.JPG", "https://a.com/wp-admin/", "https://a.com/feed.xml", "https://a.com/unsubscribe/1",
    ],
)  # fmt: skip
def test_links_that_change_something_or_are_not_pages_are_never_read(url: str) -> None:
    assert not readable(url)


@pytest.mark.parametrize(
    ("telling", "other"),
    [
        ("https://a.com/about-us", "https://a.com/blog/2019/05/a-post"),
        ("https://a.com/pricing", "https://a.com/login"),
        ("https://a.com/ueber-uns", "https://a.com/datenschutz"),
        ("https://a.com/produkte", "https://a.com/produkte?seite=2"),
        ("https://a.com/about", "https://shop.a.com/about"),
        ("https://a.com/about", "https://a.com/fr/about"),
        ("https://a.com/contact", "https://a.com/random"),
    ],
)
def test_an_informative_page_is_worth_more(telling: str, other: str) -> None:
    assert points(Link(telling), host="a.com", language="en") > points(Link(other), host="a.com", language="en")


def test_the_words_of_a_link_count_in_any_script() -> None:
    plain = points(Link("https://a.com/p1"), host="a.com", language=None)
    for words in ("About us", "Über uns", "当社の会社概要はこちら", "Produk Kami", "Qui sommes nous"):
        assert points(Link("https://a.com/p1", words), host="a.com", language=None) > plain
    assert points(Link("https://a.com/x", language="fr"), host="a.com", language="en") < plain


def test_one_kind_of_page_does_not_crowd_out_the_others() -> None:
    frontier = Frontier("a.com")
    frontier.add([Link(f"https://a.com/product/{number}") for number in range(50)])
    frontier.add([Link("https://a.com/team"), Link("https://a.com/history"), Link("https://a.com/anything")])
    chosen = [link.url for link in frontier.take(12)]
    assert {"https://a.com/team", "https://a.com/history", "https://a.com/anything"} <= set(chosen)
    assert len(frontier) == 41


def test_the_same_additions_give_the_same_order_and_nothing_twice() -> None:
    def taken() -> list[str]:
        frontier = Frontier("a.com", "en")
        frontier.add([Link(f"https://a.com/{name}", depth=2) for name in ("x", "about", "y", "x/", "index.html", "b")])
        frontier.add([Link("https://a.com/y", "About us", depth=1)])
        assert frontier.mark_seen("https://www.a.com/b/")
        assert not frontier.mark_seen("https://a.com/b")
        frontier.add([Link("https://a.com/b")])
        return [link.url for link in frontier.take(10)]

    assert (
        taken() == taken() == ["https://a.com/y", "https://a.com/about", "https://a.com/x", "https://a.com/index.html"]
    )


def test_alike_pages_share_a_pattern() -> None:
    assert pattern_of("https://a.com/c/shoes/p-1") == pattern_of("https://a.com/c/shoes/p-2")
    assert pattern_of("https://a.com/p12") == pattern_of("https://a.com/p13")
    assert pattern_of("https://a.com/about") != pattern_of("https://a.com/contact")
    assert pattern_of("https://a.com/") == "a.com/"
