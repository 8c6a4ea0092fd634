"""A signature as a pen would leave it on the pad: a PNG with a transparent ground."""

import base64
import io
import math

from PIL import Image, ImageDraw


def stroke(seed: int = 1, width: int = 600, height: int = 200) -> str:
    """Base64 of a PNG with one flowing line; another ``seed`` draws another hand."""
    image = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    points = []
    for step in range(240):
        t = step / 239
        x = width * (0.08 + 0.84 * t) + 18 * math.sin(t * 40 + seed)
        y = height * (0.5 + 0.28 * math.sin(t * (22 + seed % 5)) * (1 - 0.5 * t) + 0.06 * math.cos(t * 61 + seed))
        points.append((x, y))
    pen.line(points, fill=(20, 24, 60, 255), width=4, joint="curve")
    data = io.BytesIO()
    image.save(data, "PNG")
    return base64.b64encode(data.getvalue()).decode("ascii")
