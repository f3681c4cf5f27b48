//! Processes that are killed, each and both.

use super::row::{Do, GoesOn, Kept, Role, Told, rows};

rows! {
    a_stage_that_is_killed {
        fault: "SIGKILL of the stage",
        place: "a demo that runs",
        steps: &[Do::See("x runs it"), Do::Press("x"), Do::Agree, Do::See("it runs"), Do::Kill(&[Role::Stage])],
        told: Told::NotNeeded("the terminal is the shell's again"),
        goes_on: GoesOn::TakenUp { status: "137", line: "greenroom deck --slide 3" },
    }
    a_keeper_that_is_killed {
        fault: "SIGKILL of the keeper",
        place: "a demo that runs",
        steps: &[Do::See("x runs it"), Do::Press("x"), Do::Agree, Do::See("it runs"), Do::Kill(&[Role::Keeper])],
        told: Told::NotNeeded("the terminal is the shell's again"),
        goes_on: GoesOn::TakenUp { status: "", line: "greenroom deck --slide 3" },
    }
    a_guard_that_is_killed {
        fault: "SIGKILL of the guard",
        place: "a demo that runs",
        steps: &[Do::See("x runs it"), Do::Press("x"), Do::Agree, Do::See("it runs"), Do::Kill(&[Role::Guard])],
        told: Told::OnScreen(&["the guard of the program was killed", "x tries again"]),
    }
    a_stage_and_its_guard_that_are_killed {
        fault: "SIGKILL of stage and guard",
        place: "a demo that runs",
        steps: &[Do::See("x runs it"), Do::Press("x"), Do::Agree, Do::See("it runs"), Do::Kill(&[Role::Stage, Role::Guard])],
        told: Told::NotNeeded("the terminal is the shell's again"),
        goes_on: GoesOn::TakenUp { status: "137", line: "greenroom deck --slide 3" },
    }
    a_presenter_view_that_is_killed {
        fault: "SIGKILL of the presenter view",
        place: "a stage that is followed",
        steps: &[Do::See("x runs it"), Do::Follow, Do::ViewSees("Follows the stage"), Do::Kill(&[Role::View])],
        told: Told::InView(&["ended 137"]),
    }
    a_stage_that_is_killed_while_it_is_followed {
        fault: "SIGKILL of the stage",
        place: "a presenter view",
        steps: &[
            Do::See("x runs it"),
            Do::Press("\x1b[C"),
            Do::See("The talk goes on."),
            Do::Press("\x1b[D"),
            Do::Remembered(3),
            Do::Follow,
            Do::ViewSees("Follows the stage"),
            Do::Kill(&[Role::Stage]),
        ],
        told: Told::InView(&["Not connected"]),
        goes_on: GoesOn::TakenUp { status: "137", line: "greenroom deck" },
    }
    a_stage_and_its_presenter_view_that_are_killed {
        fault: "SIGKILL of stage and presenter view",
        place: "a demo that runs",
        steps: &[
            Do::See("x runs it"),
            Do::Press("x"),
            Do::Agree,
            Do::See("it runs"),
            Do::Follow,
            Do::ViewSees("Follows the stage"),
            Do::Kill(&[Role::Stage, Role::View]),
        ],
        told: Told::InView(&["ended 137"]),
        goes_on: GoesOn::TakenUp { status: "137", line: "greenroom deck --slide 3" },
    }
    a_practice_that_is_killed {
        fault: "SIGKILL of the stage",
        place: "greenroom rehearse",
        line: "greenroom rehearse deck --slide 3",
        steps: &[
            Do::See("3 / 4"),
            Do::Press("\x1b[C"),
            Do::See("The talk goes on."),
            Do::Press("\x1b[D"),
            Do::See("3 / 4"),
            Do::Kill(&[Role::Stage]),
        ],
        told: Told::NotNeeded("the terminal is the shell's again"),
        goes_on: GoesOn::TakenUp { status: "137", line: "greenroom deck --slide 3" },
        kept: &[Kept::Place(4), Kept::Practice(2)],
    }
}
