use super::*;

const PLAIN: Look =
    Look { ink: [255, 255, 255], paper: [0, 0, 0], bold: false, italic: false, strike: false, rule: None };

fn drawn(raster: &mut Raster, text: &[(&str, u16, Look)], columns: u16, cell: (u16, u16)) -> Vec<u8> {
    let mut out = vec![7; usize::from(columns) * usize::from(cell.0) * usize::from(cell.1) * 4];
    let squares =
        text.iter().map(|(symbol, columns, look)| Square { symbol, columns: *columns, look: *look });
    raster.row(squares, columns, cell, &mut out);
    out
}

/// The first channel of each pixel, row by row.
fn reds(out: &[u8], width: usize) -> Vec<Vec<u8>> {
    out.chunks(width * 4).map(|row| row.chunks(4).map(|pixel| pixel[0]).collect()).collect()
}

#[test]
fn paper_letters_and_lines_are_in_their_cells() {
    let mut raster = Raster::new();
    let blue = Look { paper: [10, 20, 200], ..PLAIN };
    let under = Look { rule: Some((Rule::Single, [200, 0, 0])), ..PLAIN };
    let out = drawn(&mut raster, &[("A", 1, PLAIN), (" ", 1, blue), (" ", 1, under)], 3, (10, 20));
    let rows = reds(&out, 30);
    assert!(rows.iter().any(|row| row[..10].contains(&255)), "a letter has strong pixels");
    assert!(rows.iter().all(|row| row[10..20].iter().all(|red| *red == 10)));
    assert!(out.chunks(4).all(|pixel| pixel[3] == 255), "nothing is transparent");
    assert_eq!(rows.iter().filter(|row| row[20..].iter().all(|red| *red == 200)).count(), 1);
}

#[test]
fn boxes_join_across_cells_and_rows() {
    let mut raster = Raster::new();
    for cell in [(8, 16), (11, 26), (20, 40)] {
        let width = usize::from(cell.0) * 3;
        let top = drawn(&mut raster, &[("╭", 1, PLAIN), ("─", 1, PLAIN), ("╮", 1, PLAIN)], 3, cell);
        let below = drawn(&mut raster, &[("│", 1, PLAIN), ("x", 1, PLAIN), ("│", 1, PLAIN)], 3, cell);
        let (top, below) = (reds(&top, width), reds(&below, width));
        let middle = top.iter().position(|row| row[width / 2] == 255).unwrap();
        let (from, to) = (usize::from(cell.0), usize::from(cell.0) * 2);
        assert!(top[middle][from..to].iter().all(|red| *red == 255));
        let first = |row: &[u8]| row.iter().position(|red| *red > 200);
        assert_eq!(first(top.last().unwrap()), first(&below[0]), "{cell:?}");
    }
}

#[test]
fn wide_letters_marks_and_strangers_stay_in_their_cells() {
    let mut raster = Raster::new();
    for symbol in [
        "漢",
        "🚀",
        "👩\u{200d}💻",
        "e\u{301}",
        "a\u{300}\u{301}\u{302}\u{303}\u{304}\u{305}",
        "",
        "W",
        "\u{feff}",
        "ﷺ",
    ] {
        for columns in [1, 2] {
            for cell in [(1, 1), (3, 2), (9, 18), (40, 90)] {
                let out = drawn(
                    &mut raster,
                    &[(" ", 1, PLAIN), (symbol, columns, PLAIN), (" ", 1, PLAIN)],
                    4,
                    cell,
                );
                let width = usize::from(cell.0);
                for row in reds(&out, width * 4) {
                    let end = width * (1 + usize::from(columns));
                    assert!(row[..width].iter().all(|red| *red == 0), "{symbol}");
                    assert!(row[end..end + width].iter().all(|red| *red == 0), "{symbol}");
                }
            }
        }
    }
    let accent = drawn(&mut raster, &[("e\u{301}", 1, PLAIN)], 1, (20, 40));
    assert_ne!(accent, drawn(&mut raster, &[("e", 1, PLAIN)], 1, (20, 40)));
}

#[test]
fn what_has_no_room_is_left_out_and_sizes_are_bounded() {
    let mut raster = Raster::new();
    let mut few = vec![7; 12];
    raster.row([Square { symbol: "x", columns: 1, look: PLAIN }].into_iter(), 10, (10, 20), &mut few);
    assert_eq!(few, [7; 12]);
    raster.row([].into_iter(), 0, (10, 20), &mut few);
    let half = drawn(&mut raster, &[("x", 1, PLAIN), ("漢", 2, PLAIN)], 2, (10, 20));
    assert!(reds(&half, 20).iter().all(|row| row[10] == 7 || row[10] == 0), "half of a wide letter is none");
    for width in 1..40 {
        drop(drawn(&mut raster, &[("x", 1, PLAIN)], 1, (width, 20)));
    }
    assert_eq!(raster.sheets.0.len(), MAX_SHEETS);
    for c in ('\u{4e00}'..'\u{9fff}').take(400) {
        drop(drawn(&mut raster, &[(&c.to_string(), 2, PLAIN)], 2, (90, 180)));
    }
    assert!(raster.sheets.0.iter().all(|sheet| sheet.bytes <= MAX_KEPT));
}
