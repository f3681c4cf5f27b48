use std::sync::Arc;

use ratatui::layout::Rect;

use super::*;

fn picture(id: u64, width: u32, height: u32, pixel: [u8; 4]) -> Arc<Picture> {
    let rgba = pixel.repeat(width as usize * height as usize);
    Arc::new(Picture { id, width, height, rgba })
}

fn placed(picture: &Arc<Picture>, x: u16, y: u16, width: u16, height: u16) -> PlacedPicture {
    PlacedPicture { area: Rect::new(x, y, width, height), picture: Arc::clone(picture) }
}

fn update(encoder: &mut Encoder, before: &[PlacedPicture], now: &[PlacedPicture], redrawn: bool) -> String {
    let mut out = Vec::new();
    encoder.update(before, now, redrawn, &mut out);
    String::from_utf8(out).unwrap().replace('\x1b', "^")
}

fn base64(picture: &Picture) -> String {
    BASE64.encode(png(picture).unwrap())
}

#[test]
fn the_environment_tells_the_protocol() {
    let found = |variables: &[(&str, &str)]| {
        detect(|name| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    };
    assert_eq!(found(&[]), Protocol::Blocks);
    assert_eq!(found(&[("TERM", "xterm-256color")]), Protocol::Blocks);
    assert_eq!(found(&[("TERM", "xterm-kitty")]), Protocol::Kitty);
    assert_eq!(found(&[("TERM", "xterm-ghostty")]), Protocol::Kitty);
    assert_eq!(found(&[("TERM", "xterm-256color"), ("KITTY_WINDOW_ID", "1")]), Protocol::Kitty);
    assert_eq!(found(&[("TERM_PROGRAM", "ghostty")]), Protocol::Kitty);
    for program in ["WezTerm", "iTerm.app", "rio", "mintty"] {
        assert_eq!(found(&[("TERM_PROGRAM", program)]), Protocol::Iterm2, "{program}");
    }
    assert_eq!(found(&[("KONSOLE_VERSION", "230804")]), Protocol::Kitty);
    assert_eq!(found(&[("KONSOLE_VERSION", "211203")]), Protocol::Blocks);
    assert_eq!(found(&[("TERM", "foot-extra")]), Protocol::Sixel);
    assert_eq!(found(&[("TERM", "mlterm")]), Protocol::Sixel);
}

#[test]
fn a_multiplexer_or_another_terminal_in_between_hides_it() {
    let inside = |variables: &[(&str, &str)]| {
        let all = [variables, &[("TERM", "xterm-kitty"), ("KITTY_WINDOW_ID", "1")]].concat();
        detect(|name| all.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    };
    assert_eq!(inside(&[]), Protocol::Kitty);
    assert_eq!(inside(&[("TMUX", "/tmp/tmux-0/default,1,0")]), Protocol::Blocks);
    assert_eq!(inside(&[("STY", "1.pts-0")]), Protocol::Blocks);
    assert_eq!(inside(&[("TERM", "screen-256color")]), Protocol::Blocks);
    assert_eq!(inside(&[("TERM", "foot")]), Protocol::Sixel);
    assert_eq!(inside(&[("TERM", "alacritty")]), Protocol::Blocks);
    assert_eq!(inside(&[("TERM", "xterm-256color"), ("TERM_PROGRAM", "vscode")]), Protocol::Blocks);
}

#[test]
fn kitty_gets_a_picture_once() {
    let red = picture(7, 1, 1, [255, 0, 0, 255]);
    let mut encoder = Encoder::new(Protocol::Kitty);
    let first = [placed(&red, 2, 3, 4, 5)];
    let id = FIRST_ID;
    let sent = format!("^_Ga=t,f=100,i={id},q=2,m=0;{}^\\", base64(&red));
    let here = format!("^[4;3H^_Ga=p,i={id},p=196611,c=4,r=5,C=1,q=2^\\");
    assert_eq!(update(&mut encoder, &[], &first, false), format!("{sent}{here}"));
    assert_eq!(update(&mut encoder, &first, &first, false), "");
    let moved = [placed(&red, 0, 0, 4, 5)];
    let gone = format!("^_Ga=d,d=i,i={id},p=196611,q=2^\\");
    let there = format!("^[1;1H^_Ga=p,i={id},p=1,c=4,r=5,C=1,q=2^\\");
    assert_eq!(update(&mut encoder, &first, &moved, false), format!("{gone}{there}"));
    assert_eq!(update(&mut encoder, &moved, &[], false), format!("^_Ga=d,d=i,i={id},p=1,q=2^\\"));
    assert_eq!(update(&mut encoder, &[], &moved, false), there);
}

#[test]
fn kitty_gets_everything_again_after_the_screen_was_cleared() {
    let red = picture(7, 1, 1, [255, 0, 0, 255]);
    let mut encoder = Encoder::new(Protocol::Kitty);
    let now = [placed(&red, 0, 0, 1, 1)];
    update(&mut encoder, &[], &now, false);
    let id = FIRST_ID + 1;
    let again = format!(
        "^_Ga=d,d=I,i={FIRST_ID},q=2^\\^_Ga=t,f=100,i={id},q=2,m=0;{}^\\^[1;1H^_Ga=p,i={id},p=1,c=1,r=1,C=1,q=2^\\",
        base64(&red)
    );
    assert_eq!(update(&mut encoder, &now, &now, true), again);
    let mut out = Vec::new();
    encoder.forget(&mut out);
    assert_eq!(out, format!("\x1b_Ga=d,d=I,i={id},q=2\x1b\\").into_bytes());
}

#[test]
fn kitty_gets_large_pictures_in_chunks() {
    let noise = (0..64 * 64 * 4_u32).map(|at| at.wrapping_mul(2_654_435_761).to_be_bytes()[0]);
    let noise = Arc::new(Picture { id: 1, width: 64, height: 64, rgba: noise.collect() });
    let mut encoder = Encoder::new(Protocol::Kitty);
    let text = update(&mut encoder, &[], &[placed(&noise, 0, 0, 1, 1)], false);
    let chunks: Vec<&str> = text.split("^_G").filter(|part| part.contains("q=2,m=")).collect();
    let mut whole = String::new();
    for (index, chunk) in chunks.iter().enumerate() {
        let (head, data) = chunk.trim_end_matches("^\\").split_once(';').unwrap();
        let data = data.split('^').next().unwrap();
        assert!(data.len() <= 4096);
        assert!(head.ends_with(if index + 1 == chunks.len() { "m=0" } else { "m=1" }), "{head}");
        assert_eq!(head.starts_with("a=t,f=100,"), index == 0);
        whole.push_str(data);
    }
    assert!(chunks.len() > 1);
    assert_eq!(whole, base64(&noise));
}

#[test]
fn kitty_is_not_asked_to_keep_everything() {
    let [one, two, three] = [1, 2, 3].map(|id| picture(id, 2, 2, [9, 9, 9, 255]));
    let mut encoder = Encoder::new(Protocol::Kitty);
    encoder.limit = 2 * 16;
    let frames = [&one, &two, &one, &three].map(|picture| [placed(picture, 0, 0, 1, 1)]);
    let mut before: &[PlacedPicture] = &[];
    let mut last = String::new();
    for frame in &frames {
        last = update(&mut encoder, before, frame, false);
        before = frame;
    }
    // Two was not used for longest.
    assert!(last.contains(&format!("^_Ga=d,d=I,i={},q=2^\\", FIRST_ID + 1)), "{last}");
    assert_eq!(encoder.kept.iter().map(|kept| kept.picture).collect::<Vec<_>>(), [1, 3]);
}

#[test]
fn iterm_gets_a_picture_whenever_it_appears() {
    let red = picture(7, 1, 1, [255, 0, 0, 255]);
    let mut encoder = Encoder::new(Protocol::Iterm2);
    let now = [placed(&red, 1, 0, 4, 2)];
    let size = png(&red).unwrap().len();
    let sent = format!(
        "^[1;2H^]1337;File=inline=1;size={size};width=4;height=2;preserveAspectRatio=0;doNotMoveCursor=1:{}\x07",
        base64(&red)
    );
    assert_eq!(update(&mut encoder, &[], &now, false), sent);
    assert_eq!(update(&mut encoder, &now, &now, false), "");
    assert_eq!(update(&mut encoder, &now, &now, true), sent);
    assert_eq!(update(&mut encoder, &now, &[], false), "");
}

#[test]
fn sixels_are_drawn_in_bands() {
    let mut encoder = Encoder::new(Protocol::Sixel);
    encoder.set_cell(4, 7);
    let red = picture(7, 1, 1, [255, 0, 0, 255]);
    assert_eq!(
        update(&mut encoder, &[], &[placed(&red, 0, 1, 2, 2)], false),
        "^[2;1H^P0;1;0q\"1;1;8;12#0;2;100;0;0#0!8~$-#0!8~$^\\"
    );
    // Red and clear above blue.
    encoder.set_cell(2, 6);
    let (red, clear, blue) = ([255, 0, 0, 255], [0; 4], [0, 0, 255, 255]);
    let rgba = [[red, clear].concat().repeat(3), [blue, blue].concat().repeat(3)].concat();
    let mixed = Arc::new(Picture { id: 2, width: 2, height: 6, rgba });
    let text = update(&mut encoder, &[], &[placed(&mixed, 0, 0, 1, 1)], false);
    assert_eq!(text, "^[1;1H^P0;1;0q\"1;1;2;6#0;2;100;0;0#1;2;0;0;100#0F?$#1ww$^\\");
}

#[test]
fn sixels_have_no_more_colours_than_they_may() {
    let rgba = (0..128 * 128_u32).flat_map(|at| [at.to_le_bytes()[0], at.to_le_bytes()[1] * 4, 90, 255]);
    let many = Arc::new(Picture { id: 1, width: 128, height: 128, rgba: rgba.collect() });
    let mut encoder = Encoder::new(Protocol::Sixel);
    encoder.set_cell(8, 16);
    let text = update(&mut encoder, &[], &[placed(&many, 0, 0, 16, 8)], false);
    assert_eq!(text.split('#').filter(|part| part.matches(';').count() == 4).count(), 255);
    assert!(text.contains("#254") && !text.contains("#255"));
    let clear = picture(3, 2, 2, [0; 4]);
    let nothing = update(&mut encoder, &[], &[placed(&clear, 0, 0, 1, 1)], false);
    assert_eq!(nothing, "^[1;1H^P0;1;0q\"1;1;8;12-^\\");
}

#[test]
fn without_a_protocol_nothing_is_written() {
    let red = picture(7, 1, 1, [255, 0, 0, 255]);
    let mut encoder = Encoder::new(Protocol::Blocks);
    assert!(!encoder.covers_cells() && Encoder::new(Protocol::Sixel).covers_cells());
    assert_eq!(update(&mut encoder, &[], &[placed(&red, 0, 0, 1, 1)], true), "");
}

#[test]
fn a_picture_without_its_pixels_is_left_out() {
    let short = Arc::new(Picture { id: 1, width: 5, height: 5, rgba: vec![0; 9] });
    let none = Arc::new(Picture { id: 2, width: 0, height: 0, rgba: vec![] });
    let fine = picture(3, 1, 1, [0; 4]);
    for protocol in [Protocol::Kitty, Protocol::Iterm2, Protocol::Sixel] {
        let now = [placed(&short, 0, 0, 1, 1), placed(&none, 0, 0, 1, 1), placed(&fine, 0, 0, 0, 3)];
        assert_eq!(update(&mut Encoder::new(protocol), &[], &now, false), "", "{protocol:?}");
    }
}

#[test]
fn a_picture_keeps_its_shape_in_cells_of_any() {
    // A square of 100 pixels in 20 by 10 cells, as the layout has it; kitty's cells may be 11 by 26.
    let square = picture(7, 100, 100, [9, 9, 9, 255]);
    let mut encoder = Encoder::new(Protocol::Kitty);
    encoder.set_cell(10, 20);
    assert_eq!(*encoder.shaped(&placed(&square, 0, 0, 20, 10)), *square);
    encoder.set_cell(11, 26);
    let tall = placed(&square, 0, 0, 20, 10);
    let shaped = encoder.shaped(&tall);
    // The area is 220 by 260 pixels: the picture takes all of its width, with clear rows above and below.
    assert_eq!((shaped.width, shaped.height), (100, 119));
    let pixel = |x: usize, y: usize| shaped.rgba[(y * 100 + x) * 4 + 3];
    assert_eq!((pixel(50, 8), pixel(50, 9), pixel(50, 108), pixel(50, 109)), (0, 255, 255, 0));
    let low = placed(&square, 0, 0, 30, 5);
    let wide = encoder.shaped(&low);
    assert_eq!((wide.width, wide.height), (254, 100));
    // Each shape of it is sent once, and taken away by its own name.
    let (first, second) = (placed(&square, 0, 0, 20, 10), placed(&square, 0, 0, 30, 5));
    let out = update(&mut encoder, &[], std::slice::from_ref(&first), false);
    assert_eq!(out.matches("a=t").count(), 1);
    let out = update(&mut encoder, std::slice::from_ref(&first), std::slice::from_ref(&second), false);
    assert_eq!((out.matches("a=t").count(), out.matches("d=i").count()), (1, 1));
    let out = update(&mut encoder, std::slice::from_ref(&second), std::slice::from_ref(&first), false);
    assert_eq!((out.matches("a=t").count(), out.matches("d=i").count()), (0, 2));
}

#[test]
fn a_shape_that_would_need_too_many_pixels_is_stretched() {
    let line = picture(8, 1, 4000, [9, 9, 9, 255]);
    let mut encoder = Encoder::new(Protocol::Kitty);
    encoder.set_cell(11, 26);
    assert_eq!(*encoder.shaped(&placed(&line, 0, 0, 500, 1)), *line);
    assert_eq!(*encoder.shaped(&placed(&picture(9, 0, 0, [0; 4]), 0, 0, 5, 1)), *picture(9, 0, 0, [0; 4]));
}

#[test]
fn tmux_hands_pictures_on_where_it_may_and_its_terminal_knows_them() {
    assert!(passes("xterm-kitty", "kitty(0.40.1)", "on"));
    assert!(passes("xterm-256color", "kitty(0.28.0)", "all"));
    assert!(passes("xterm-ghostty", "", "on") && passes("xterm-256color", "ghostty 1.2.0", "on"));
    for (name, own, passthrough) in [
        ("xterm-kitty", "kitty(0.40.1)", "off"),
        ("xterm-kitty", "kitty(0.40.1)", ""),
        ("xterm-kitty", "kitty(0.26.5)", "on"),
        ("xterm-kitty", "", "on"),
        ("xterm-kitty", "kitty(x.y)", "on"),
        ("xterm-256color", "XTerm(388)", "on"),
        ("", "", ""),
    ] {
        assert!(!passes(name, own, passthrough), "{name} {own} {passthrough}");
    }
}
