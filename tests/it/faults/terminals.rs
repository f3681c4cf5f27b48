//! Terminals that close, lie, or are hardly there.

use super::pty::Manner;
use super::row::{Do, GoesOn, Told, rows};

rows! {
    a_terminal_that_is_closed {
        fault: "the terminal is closed",
        place: "a demo that runs",
        steps: &[Do::See("x runs it"), Do::Press("x"), Do::Agree, Do::See("it runs"), Do::HangUp],
        told: Told::NotNeeded("who closes the window has ended the talk; `--resume` goes on there"),
        goes_on: GoesOn::TakenUp { status: "", line: "greenroom deck --resume" },
    }
    a_terminal_that_is_closed_while_it_is_followed {
        fault: "the terminal is closed",
        place: "a stage that is followed",
        steps: &[
            Do::See("x runs it"),
            Do::Press("\x1b[C"),
            Do::See("The talk goes on."),
            Do::Press("\x1b[D"),
            Do::Follow,
            Do::ViewSees("Follows the stage"),
            Do::HangUp,
        ],
        told: Told::InView(&["Not connected"]),
        goes_on: GoesOn::TakenUp { status: "", line: "greenroom deck" },
    }
    a_terminal_of_one_cell {
        fault: "a terminal of 1×1",
        place: "a demo that runs",
        steps: &[
            Do::See("x runs it"),
            Do::Press("x"),
            Do::Agree,
            Do::See("it runs"),
            Do::Resize(1, 1),
            Do::Press("\x1b[C\x1b[D"),
            Do::Resize(80, 24),
        ],
        told: Told::NotNeeded("one cell says nothing; the slide is there when there is room"),
    }
    a_terminal_that_is_resized_without_a_pause {
        fault: "a terminal resized 1,000 times, as fast as it goes",
        place: "a demo that runs",
        steps: &[Do::See("x runs it"), Do::Press("x"), Do::Agree, Do::See("it runs"), Do::Resizes(1000)],
        told: Told::OnScreen(&["it runs"]),
    }
    a_terminal_that_is_slow {
        fault: "a terminal that takes 9,600 bits a second",
        terminal: Manner::Slow(960),
        steps: &[Do::See("x runs it"), Do::Press("x"), Do::Agree],
        told: Told::OnScreen(&["it runs"]),
    }
    a_terminal_that_floods_slowly {
        fault: "a terminal that takes 9,600 bits a second",
        place: "a demo that floods it",
        demos: "  a: {command: [sh, -c, 'while :; do echo more and more and more; done']}",
        terminal: Manner::Slow(960),
        steps: &[Do::See("x runs it"), Do::Press("x"), Do::Agree],
        told: Told::OnScreen(&["more and more"]),
    }
    a_terminal_that_never_answers {
        fault: "a terminal that never answers",
        terminal: Manner::Silent,
        steps: &[Do::See("x runs it"), Do::Press("x"), Do::Agree],
        told: Told::OnScreen(&["it runs"]),
    }
    a_terminal_that_answers_late {
        fault: "a terminal that answers after 3 s",
        terminal: Manner::Late(3000),
        steps: &[Do::See("x runs it"), Do::Press("x"), Do::Agree],
        told: Told::OnScreen(&["it runs"]),
    }
    a_terminal_that_answers_garbage {
        fault: "a terminal that answers garbage",
        terminal: Manner::Garbage("\x1b[?62;c\x1b]11;rgb:zzzz\x1bP1$r\x1b_Gi=999;\x1b[?62;"),
        steps: &[Do::See("x runs it")],
        told: Told::NotNeeded("the next key counts"),
    }
    a_terminal_that_sends_half_an_answer {
        fault: "a terminal that sends half an answer",
        place: "a key that is pressed then",
        steps: &[Do::See("x runs it"), Do::Send("\x1b]11;rgb:ffff/")],
        told: Told::NotNeeded("the next key counts"),
    }
    a_terminal_that_begins_a_paste {
        fault: "a terminal that never ends a paste",
        place: "a key that is pressed then",
        steps: &[Do::See("x runs it"), Do::Send("\x1b[200~half of it"), Do::Pause(1500)],
        told: Told::NotNeeded("the next key counts"),
    }
    a_dumb_terminal {
        fault: "`TERM=dumb`",
        place: "the terminal that a talk is opened in",
        env: &[("TERM", "dumb")],
        told: Told::AtEnd(&["this terminal can show no slides"]),
        goes_on: GoesOn::Again { status: "2", then: &[], line: "greenroom export deck --text" },
        kept: &[],
    }
    a_terminal_without_a_name {
        fault: "`TERM` is not set",
        place: "the terminal that a talk is opened in",
        env: &[("TERM", "")],
        steps: &[Do::See("x runs it"), Do::Press("x"), Do::Agree],
        told: Told::OnScreen(&["it runs"]),
    }
}
