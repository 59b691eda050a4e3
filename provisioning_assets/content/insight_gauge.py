"""Draws a finding's figure as a small picture: the accepted band, the value in the data, the agent's value."""

from markupsafe import Markup

from provisioning_assets.content.brand_palette import Palette

WIDTH, HEIGHT, MIDDLE = 240, 26, 13
# Share of the width that the band of expected +- tolerance takes. Values beyond the picture are drawn at its edge.
BAND = 0.5


def insight_gauge(
    expected: float, tolerance: float, measured: float | None, answered: float | None, palette: Palette
) -> Markup:
    """Return an SVG without text: a band, a dot for the figure in the data, a ring for the agent's answer."""
    half = WIDTH * BAND / 2
    parts = [
        f'<line x1="0" y1="{MIDDLE}" x2="{WIDTH}" y2="{MIDDLE}" stroke="{palette.line}" stroke-width="2"/>',
        f'<rect x="{WIDTH / 2 - half:g}" y="{MIDDLE - 6}" width="{2 * half:g}" height="12" rx="6" '
        f'fill="{palette.line}"/>',
        f'<line x1="{WIDTH / 2:g}" y1="{MIDDLE - 9}" x2="{WIDTH / 2:g}" y2="{MIDDLE + 9}" stroke="{palette.accent}" '
        'stroke-width="1.5" stroke-dasharray="2 2"/>',
    ]

    def at(value: float) -> float:
        x = WIDTH / 2 + (value - expected) / tolerance * half
        return min(WIDTH - 9.0, max(9.0, x))

    if answered is not None:
        parts.append(
            f'<circle cx="{at(answered):.1f}" cy="{MIDDLE}" r="8" fill="#ffffff" stroke="{palette.accent}" '
            'stroke-width="1.5"/>'
        )
    if measured is not None:
        parts.append(f'<circle cx="{at(measured):.1f}" cy="{MIDDLE}" r="5" fill="{palette.accent}"/>')
    # Numbers and checked colours only.
    return Markup(  # noqa: S704
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" aria-hidden="true">'
        + "".join(parts)
        + "</svg>"
    )
