//! Where the cursor is, whether it shows, and how it looks.

use ratatui::layout::Position;
use ratatui::style::Style;

use super::{Frame, drawn, screen};

#[test]
fn after_a_character_of_uncertain_width_the_cursor_is_placed() {
    let mut frame = Frame::new(20, 1);
    let mut screen = screen();
    drawn(&mut screen, &frame);
    frame.cells.set_string(3, 0, "❤\u{fe0f}x", Style::new());
    assert_eq!(drawn(&mut screen, &frame), "^[1;4H  ^[1;4H❤\u{fe0f}^[1;6Hx");
}

#[test]
fn the_cursor_is_shown_and_hidden() {
    let mut frame = Frame::new(10, 2);
    let mut screen = screen();
    assert_eq!(drawn(&mut screen, &frame), "^[?25l^[m^[2J");
    frame.cursor = Some(Position::new(3, 1));
    assert_eq!(drawn(&mut screen, &frame), "^[2;4H^[?25h");
    frame.cells.set_string(0, 0, "a", Style::new());
    assert_eq!(drawn(&mut screen, &frame), "^[Ha^[2;4H");
    frame.cursor = Some(Position::new(99, 1));
    frame.cells.set_string(0, 0, "b", Style::new());
    assert_eq!(drawn(&mut screen, &frame), "^[?25l^[Hb", "before anything is drawn");
}

#[test]
fn the_cursor_looks_as_the_program_below_it_wants() {
    let mut frame = Frame::new(10, 2);
    let mut screen = screen();
    frame.cursor_style = 5;
    assert_eq!(drawn(&mut screen, &frame), "^[?25l^[m^[2J", "none shows");
    frame.cursor = Some(Position::new(3, 1));
    assert_eq!(drawn(&mut screen, &frame), "^[2;4H^[?25h^[5 q");
    assert_eq!(drawn(&mut screen, &frame), "");
    frame.cursor_style = 0;
    assert_eq!(drawn(&mut screen, &frame), "^[0 q");
    frame.cursor_style = 2;
    assert_eq!(drawn(&mut screen, &frame), "^[2 q");
    // The terminal was given back meanwhile, or something else wrote on it.
    screen.invalidate();
    assert!(drawn(&mut screen, &frame).ends_with("^[2 q"));
}
