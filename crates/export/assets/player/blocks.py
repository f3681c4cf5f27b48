"""Makes blocks.ttf: the sextants (U+1FB00 to U+1FB3B), which large digits are drawn with and which hardly a font has.
They have the advance, ascent and descent of DejaVu Sans Mono, so that they join with its blocks and with each other.

    pip install fonttools && python3 blocks.py
"""
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

WIDE, TOP, BOTTOM = 1233, 1901, -483
XS = (0, 616, WIDE)
YS = (TOP, TOP - 795, BOTTOM + 795, BOTTOM)

names, codes, glyphs = [".notdef"], {}, {".notdef": TTGlyphPen(None).glyph()}
code = 0x1FB00
for parts in range(1, 63):
    if parts in (0b010101, 0b101010):  # the half blocks are elsewhere
        continue
    name = f"u{code:X}"
    pen = TTGlyphPen(None)
    for bit in range(6):
        if parts >> bit & 1:
            left, right = XS[bit % 2], XS[bit % 2 + 1]
            top, bottom = YS[bit // 2], YS[bit // 2 + 1]
            pen.moveTo((left, bottom))
            pen.lineTo((left, top))
            pen.lineTo((right, top))
            pen.lineTo((right, bottom))
            pen.closePath()
    glyphs[name] = pen.glyph()
    names.append(name)
    codes[code] = name
    code += 1

font = FontBuilder(2048, isTTF=True)
font.setupGlyphOrder(names)
font.setupCharacterMap(codes)
font.setupGlyf(glyphs)
font.setupHorizontalMetrics({name: (WIDE, 0) for name in names})
font.setupHorizontalHeader(ascent=TOP, descent=BOTTOM)
font.setupNameTable({"familyName": "Greenroom Blocks", "styleName": "Regular"})
font.setupOS2(sTypoAscender=TOP, sTypoDescender=BOTTOM, usWinAscent=TOP, usWinDescent=-BOTTOM, sTypoLineGap=0)
font.setupPost(keepGlyphNames=False)
font.font["head"].created = font.font["head"].modified = 0
font.font.recalcTimestamp = False
font.save("blocks.ttf")
