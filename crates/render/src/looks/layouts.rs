//! Layouts: what is large, and what is in the middle.

use super::*;

const SIZES: [(u16, u16); 6] = [(20, 5), (40, 12), (80, 24), (120, 35), (200, 50), (500, 150)];

#[test]
fn layouts_look_like_this() {
    insta::assert_snapshot!("quote", look("> All is `well`.\n>\n> — Nobody\n", (80, 20)));
    insta::assert_snapshot!("number", look("# Rate\n\n394 seats\n\nin one hall\n", (80, 20)));
    insta::assert_snapshot!(
        "code",
        look("# C\n\n```python {1} +line_numbers\ndef f():\n    return 1\n```\n", (60, 20))
    );
    insta::assert_snapshot!("list", look("# L\n\n<!-- font_size: 2 -->\n\n1. one\n2. two\n", (60, 20)));
}

#[test]
fn no_layout_overflows_where_the_plain_slide_does_not() {
    let list = "- an item\n".repeat(9);
    for body in [
        "> A quote with `code` in it, long enough for some lines of large letters.\n>\n> — Somebody\n",
        "394,000.5 m²\n\nin all\n",
        "{{a.ndjson fine}}\n",
        "![](dot.svg)\n\nThe caption.\n",
        "<!-- layout: columns -->\n\n- a\n- b\n\n```\ncode\n```\n",
        "<!-- font_size: 7 -->\n\n- a\n- b\n",
        "<!-- font_size: 7 -->\n\n```\nx = 1\n```\n",
        "```\nfirst()\nsecond()\nthird()\nfourth()\nfifth()\nsixth()\n```\n\nWhat it does.\n",
        &format!("<!-- font_size: 2 -->\n\n{list}"),
    ] {
        for size in SIZES {
            let large = deck(&format!("# T\n\n{body}"));
            let plain = body.replace("<!-- font_size: 2 -->", "").replace("<!-- font_size: 7 -->", "");
            let plain = plain.replace("<!-- layout: columns -->", "");
            let plain = deck(&format!("# T\n\n<!-- layout: plain -->\n\n{plain}"));
            let (scene, before) = (scene(&large, size), scene(&plain, size));
            if before.overflow() == 0 {
                assert_eq!(scene.overflow(), 0, "{body} at {size:?}");
            }
            let area = scene.body_area;
            for item in items(&scene) {
                assert!(
                    item.x >= area.x && item.x + item.width <= area.right(),
                    "{body} at {size:?}: {item:?}"
                );
            }
            painted(&large, size);
        }
    }
}
