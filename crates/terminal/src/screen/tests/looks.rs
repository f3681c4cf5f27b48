use super::*;

/// Letters on a ground, no two alike: `step` makes all of them others.
fn painted(step: u32) -> Frame {
    let mut frame = Frame::new(160, 60);
    for (number, cell) in (step * 9_600..).zip(&mut frame.cells.content) {
        let [r, g, b, _] = number.to_le_bytes();
        cell.set_symbol("x").set_fg(Color::Rgb(r, g, b)).set_bg(Color::Rgb(b, r, g));
    }
    frame
}

#[test]
fn more_looks_than_are_kept_are_shown_and_nothing_is_drawn_anew() {
    let size = Size(160, 60);
    let (mut screen, mut terminal) = (screen(), Terminal::new(size));
    for step in 0..6 {
        let mut frame = painted(step);
        screen.draw(&frame).unwrap();
        terminal.feed(&std::mem::take(&mut screen.out));
        assert_eq!(terminal.wrong(&frame.cells), Vec::<String>::new(), "step {step}");
        assert_eq!(drawn(&mut screen, &frame), "", "step {step}: what is the same is drawn again");
        frame.cells[(3, 2)].set_symbol("y");
        assert!(drawn(&mut screen, &frame).len() < 60, "step {step}: one cell is not the whole screen");
    }
    let kept = screen.words.looks.len();
    assert!(kept < 3 * 9_600, "{kept} looks of 60,000 are kept");
}

#[test]
fn a_blank_under_the_cursor_keeps_the_colour_of_letters() {
    let mut frame = Frame::new(10, 2);
    frame.cells.set_style(frame.area(), Style::new().fg(Color::Rgb(1, 2, 3)).bg(Color::Rgb(4, 5, 6)));
    let mut screen = screen();
    frame.cursor = Some(Position::new(9, 1));
    assert!(drawn(&mut screen, &frame).contains("38;2;1;2;3"));
    frame.cursor = Some(Position::new(10, 1));
    screen.invalidate();
    assert!(!drawn(&mut screen, &frame).contains("38;2;1;2;3"), "it is not on this screen");
}
