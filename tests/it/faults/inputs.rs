//! What a person, a deck, a file or a network may do wrong, from the beginning of the project on, each with the tests that hold it.

/// What it is about, what is wrong, and the names of tests.
pub(super) type Input = (&'static str, &'static str, &'static [&'static str]);

pub(super) const INPUTS: &[Input] = &[
    // A deck on stage
    (
        "decks",
        "mistakes of every kind in an outline or Markdown",
        &["types_and_keys_of_an_outline", "directives_and_markup", "what_is_wrong_is_said_on_its_slide"],
    ),
    (
        "decks",
        "binary files, invalid UTF-8, 50 MB of Markdown, 10,000 slides, deep nesting, YAML aliases",
        &["files_that_are_no_text", "limits", "any_bytes", "any_mix_of_yaml"],
    ),
    (
        "decks",
        "paths that leave the deck, missing pictures",
        &[
            "no_path_leaves_the_folder",
            "nothing_outside_of_the_folder_is_read",
            "a_picture_that_is_missing_is_an_error_wherever_it_stands",
        ],
    ),
    (
        "decks",
        "escape sequences in text and in names",
        &["nothing_in_a_cell_reaches_the_terminal_as_a_control", "h5_decks_whose_texts_and_names_are_evil"],
    ),
    (
        "decks",
        "a deck on standard input that never ends",
        &["a_deck_on_standard_input_is_checked_and_exported_and_never_without_an_end"],
    ),
    (
        "decks",
        "a loop of links",
        &[
            "what_is_no_file_never_blocks_and_what_cannot_be_counted_is_said",
            "c15_a_link_to_a_deck_is_that_deck",
        ],
    ),
    (
        "decks",
        "a deck that is edited, broken, empty or away while it is shown",
        &[
            "stage_11_a_deck_that_is_away_empty_or_broken_for_a_moment_disturbs_nothing",
            "a_deck_that_is_deleted",
        ],
    ),
    ("terminals", "no terminal", &["without_a_terminal_it_says_so"]),
    (
        "terminals",
        "a terminal that never answers, or answers garbage, late, or in pieces",
        &[
            "a_terminal_that_never_answers",
            "a_terminal_that_answers_garbage",
            "a_terminal_that_answers_late",
            "an_answer_may_come_in_pieces",
            "no_garbage_swallows_the_key_that_is_pressed_after_it",
        ],
    ),
    (
        "terminals",
        "panic, SIGTERM, SIGHUP, SIGINT and other signals; Ctrl-Z and `fg`",
        &[
            "a_panic_restores_the_terminal",
            "signals_restore_the_terminal",
            "what_ends_the_stage_at_once_restores_the_terminal",
            "ctrl_z_stops_and_fg_goes_on",
        ],
    ),
    (
        "terminals",
        "a window of 20×5, of 500×150, of 65535×65535",
        &[
            "windows_of_any_size_are_filled_and_never_left_empty",
            "any_deck_is_drawn_at_any_size",
            "m4_a_talk_goes_on_in_a_terminal_too_large_for_memory",
        ],
    ),
    (
        "terminals",
        "a cell of unknown pixel size; a terminal that claims pictures and lacks them",
        &[
            "a_terminal_that_cannot_says_so",
            "nobody_is_believed_who_was_not_asked",
            "rows_are_drawn_where_a_terminal_has_answered_and_says_how_large_its_cells_are",
        ],
    ),
    (
        "terminals",
        "resizing while the stage is drawn larger",
        &["a_window_that_changes_keeps_its_scale", "another_window_is_filled_anew"],
    ),
    (
        "terminals",
        "a pane that floods while the stage is drawn larger",
        &["a_terminal_that_has_not_read_a_frame_is_waited_for_and_then_sent_no_more_files"],
    ),
    // Panes and recordings
    (
        "demos",
        "a program that is missing or cannot be run, a directory that is missing",
        &[
            "what_cannot_be_started_says_what_to_do",
            "a_missing_program_is_said_in_the_pane_and_its_recording_can_stand_in",
        ],
    ),
    (
        "demos",
        "a program that dies at once, never ends, forks away, closes its terminal and lives",
        &[
            "a_program_that_dies_at_once_says_how",
            "a_time_limit_ends_a_run_and_offers_the_recording",
            "a_program_that_forks_away_says_what_was_ended",
            "a_program_that_closes_its_terminal_is_told_from_a_silent_one",
        ],
    ),
    (
        "demos",
        "100 MB of output, binary output, malformed escapes",
        &[
            "much_output_ends_and_keys_work_meanwhile",
            "much_output_waits_for_the_stage_and_takes_no_memory",
            "noise_stays_in_its_box",
        ],
    ),
    (
        "recordings",
        "cut off, of a newer version, with times that run backwards, of 1 GB",
        &[
            "a_recording_that_is_cut_off_plays_as_far_as_it_goes_and_says_so",
            "a_recording_of_the_future_says_what_to_do",
            "a_recording_whose_time_runs_backwards_plays_on",
            "a_file_of_a_gigabyte_that_is_no_recording_is_not_read_whole",
        ],
    ),
    (
        "recordings",
        "the disk full while a run is recorded, or while a recording is replaced",
        &[
            "a_disk_that_is_full_while_a_run_is_recorded",
            "a_full_disk_ends_the_recording_and_not_the_run",
            "h4_a_disk_that_fills_keeps_the_earlier_recording",
        ],
    ),
    // Benches and probes
    (
        "benches",
        "no interpreter, only one of two, one that hangs",
        &[
            "an_interpreter_that_is_missing",
            "an_interpreter_that_hangs",
            "a_column_has_any_name_and_interpreter_and_one_that_is_missing_is_told",
        ],
    ),
    (
        "benches",
        "an import that switches the GIL on",
        &["a_gil_that_comes_back_is_said_beside_every_verdict"],
    ),
    (
        "benches",
        "a port that is taken, a server that refuses to start",
        &[
            "a_server_whose_port_is_taken",
            "what_cannot_start_says_why_in_its_pane",
            "a_variant_that_fails_says_so_and_the_other_goes_on",
        ],
    ),
    (
        "benches",
        "a server that never gets ready, answers 500 or something else, dies, hangs",
        &[
            "a_server_that_is_never_ready",
            "a_server_that_fails",
            "a_server_that_answers_wrong",
            "a_server_that_dies",
            "a_server_that_hangs",
        ],
    ),
    (
        "benches",
        "an index of packages that cannot be reached, a disk that is full",
        &["failures_are_understood", "what_goes_wrong_is_told_and_the_rest_stays"],
    ),
    (
        "benches",
        "a scenario with a typo",
        &["a_scenario_with_a_slip_of_the_keyboard_says_where", "every_mistake_in_a_scenario_has_its_place"],
    ),
    (
        "benches",
        "a machine that is too busy for a verdict",
        &["nothing_is_said_where_nothing_may_be", "a_computer_that_works_already_makes_the_line_amber"],
    ),
    (
        "benches",
        "a server that starts slowly, so that there are fewer launches",
        &["as_many_launches_as_make_the_interval_narrow", "what_a_verdict_rests_on_is_said"],
    ),
    (
        "benches",
        "a server that fails in one launch",
        &["a_variant_that_fails_in_one_launch_leaves_the_others_standing"],
    ),
    (
        "benches",
        "a machine that changes its speed between launches",
        &["a_machine_that_changes_its_speed_between_launches_changes_nothing"],
    ),
    (
        "benches",
        "launches that fall in two groups",
        &["launches_of_two_kinds_are_told_apart", "two_kinds_of_launch_are_both_shown"],
    ),
    (
        "benches",
        "a worker that answers nothing",
        &["a_worker_that_gets_no_connection_is_named_beside_the_verdict"],
    ),
    (
        "benches",
        "an adapter that is not there, or cannot be built",
        &[
            "a_column_has_packages_of_its_own_once_they_are_set_up",
            "what_a_build_lacks_is_said_and_the_rest_is_prepared",
        ],
    ),
    ("benches", "a recording without a profile", &["the_profiles_that_a_slide_names_are_side_by_side"]),
    ("benches", "memory that never gets flat", &["memory_that_still_rises_is_said_and_has_no_verdict"]),
    (
        "probes",
        "a crash of the interpreter, a hang, nothing found, junk",
        &[
            "a_crash_is_a_finding",
            "a_crash_a_hang_and_an_interpreter_that_is_missing",
            "one_crash_of_three_runs_is_a_crash_and_what_hangs_is_not_waited_for_again",
            "junk_and_failures_are_shown",
        ],
    ),
    (
        "probes",
        "an interpreter that is not free threaded in that column",
        &["a_column_on_the_wrong_interpreter_says_so"],
    ),
    // Rehearsing and followers
    (
        "followers",
        "two stages of one deck, a socket that was left, a peer of another version, half a message",
        &[
            "stage_10_a_bookmark_of_a_stage_that_lives_is_not_a_talk_that_was_cut_off",
            "a_stale_socket_is_replaced_and_a_second_stage_waits_its_turn",
            "rubbish_half_lines_and_other_versions_end_only_their_own_link",
        ],
    ),
    (
        "followers",
        "a peer that is slow, or vanishes",
        &["nobody_can_make_the_stage_wait", "a_stage_that_is_killed_while_it_is_followed"],
    ),
    (
        "followers",
        "a clock that jumps",
        &["a_clock_that_jumps_ahead", "a_clock_that_jumps_back_counts_nothing"],
    ),
    (
        "followers",
        "a history that is damaged",
        &[
            "a_damaged_history_loses_only_what_is_damaged",
            "practices_come_back_in_order_and_damaged_ones_are_said",
        ],
    ),
    ("followers", "a remote that floods", &["a_burst_is_allowed_and_a_flood_is_not"]),
    (
        "followers",
        "a phone that vanishes, 500 that join at once, one that never reads, one that floods",
        &["a_stage_bears_pages_that_vanish_never_read_flood_or_all_come_at_once"],
    ),
    (
        "followers",
        "an old page after the deck has changed, a stage that restarts",
        &[
            "a_stage_that_restarts_is_found_at_its_address_and_a_deck_that_is_edited_is_told",
            "pages_come_back_when_the_stage_does",
        ],
    ),
    (
        "followers",
        "an address that is taken, a certificate that does not fit",
        &["a_port_of_pages_that_is_taken", "what_cannot_be_served_is_said_before_the_stage_opens"],
    ),
    // Packing
    (
        "packing",
        "missing files, 500 MB of pictures, no space, a file that is there already",
        &[
            "nothing_is_left_behind_when_a_deck_cannot_be_packed",
            "a_deck_of_half_a_gigabyte_is_refused_before_it_is_read",
            "a_disk_that_is_full_while_a_talk_is_packed",
            "an_output_that_is_there_stays_unless_it_may_be_replaced",
        ],
    ),
    (
        "packing",
        "a program that is packed already, of another version, signed, cut off, universal, none at all",
        &["what_is_no_program_for_a_deck_is_refused_with_the_reason", "other_programs_are_told_apart"],
    ),
    (
        "packing",
        "a payload or a program with one bit changed",
        &["every_flipped_bit_is_noticed", "m5_a_bit_that_changed_anywhere_in_the_file_is_noticed"],
    ),
    (
        "packing",
        "a folder that is read-only, or where nothing can be run",
        &["a_file_that_cannot_be_made_executable_is_refused_before_anything_is_written"],
    ),
    (
        "packing",
        "links and `..` in the deck, names that differ in case only",
        &["names_and_links_that_would_not_survive_are_refused"],
    ),
    // Consent
    (
        "consent",
        "a card that names something else than what runs",
        &[
            "c1_each_word_of_what_is_started_stands_on_the_card",
            "c1_contradictory_demos_are_errors_and_never_start",
        ],
    ),
    (
        "consent",
        "a card that cannot be read",
        &[
            "h3_02_the_card_has_colours_of_its_own",
            "h3_yes_counts_only_after_the_last_row_was_shown",
            "h3_03_blanks_are_counted",
            "h3_04_names_directories_and_variants_are_quoted_like_words",
            "h3_05_nothing_is_invisible_or_a_letter_in_disguise",
        ],
    ),
    (
        "consent",
        "a change of any kind after the agreement",
        &[
            "h2_every_kind_of_change_asks_again_and_is_named",
            "h2_what_changes_beyond_a_link_asks_again_in_the_same_session",
        ],
    ),
    (
        "consent",
        "a file that is swapped between the look and the start",
        &["m6_no_swap_of_a_script_wins", "m6_no_swap_of_a_folder_or_a_link_wins"],
    ),
    (
        "consent",
        "two answers on their way with a reload between",
        &[
            "m6_a_reload_closes_the_card_and_cancels_what_waited",
            "m6_an_answer_on_its_way_agrees_to_nothing_newer",
        ],
    ),
    ("consent", "a clock that is set back", &["m6_consent_does_not_know_the_time_of_day"]),
    (
        "consent",
        "a deck on a read-only, case-insensitive or network folder",
        &[
            "a_read_only_deck_runs_and_says_where_a_recording_can_go",
            "names_that_differ_in_case_only_are_told_apart",
            "a_disk_that_does_not_answer_keeps_nobody_from_leaving",
            "files_that_are_others_with_the_same_contents_do_not_ask",
        ],
    ),
    ("consent", "a folder of 100,000 files", &["a_folder_without_end_is_left_in_time_with_a_word"]),
    (
        "consent",
        "both keyboards at once, the stage's and the presenter view's",
        &["two_keyboards_do_not_get_in_each_others_way"],
    ),
    // Strangers
    (
        "strangers",
        "recordings through links, out of the deck, over other files",
        &[
            "h4_a_link_named_part_leads_nowhere",
            "h4_no_folder_is_made_or_written_outside",
            "h4_nothing_but_a_recording_is_recorded_over",
        ],
    ),
    (
        "strangers",
        "foreign bytes in names, recordings, arguments",
        &["h5_folders_without_a_deck", "h5_arguments_are_repeated_plainly", "h5_what_programs_and_tapes_say"],
    ),
    (
        "strangers",
        "lock files and projects that ask an index for secrets",
        &[
            "h1_a_token_of_the_environment_is_never_sent_to_an_index_that_a_deck_names",
            "h1_nothing_is_fetched_or_made_before_somebody_agreed",
            "h1_doctor_runs_nothing_that_an_environment_or_a_deck_leaves_for_the_start_of_python",
        ],
    ),
    (
        "strangers",
        "another user of the computer",
        &[
            "c2_no_other_user_reaches_the_private_postgresql",
            "c2_folders_and_secrets_are_their_owners",
            "the_folder_is_the_users_alone",
        ],
    ),
    (
        "strangers",
        "seats that are taken, tokens that are guessed",
        &[
            "h6_neither_the_audience_nor_strangers_take_the_speakers_place",
            "h6_a_full_audience_takes_nobody_elses_seat",
            "guesses_are_limited_by_address_and_overall_and_forgotten",
        ],
    ),
    (
        "strangers",
        "a daemon that a run leaves, whatever it does to stay",
        &[
            "m3_probe_leaves_no_daemon",
            "m3_record_leaves_no_daemon",
            "a_library_that_a_demo_preloads_is_ended_with_it",
        ],
    ),
    (
        "strangers",
        "output that clears the screen without end",
        &[
            "output_that_clears_without_end_is_taken_in_a_piece_at_a_time",
            "text_costs_its_length_and_a_cleared_screen_its_cells",
        ],
    ),
    (
        "strangers",
        "any two of keeper, stage and guard killed",
        &["two_of_keeper_stage_and_guard_may_be_killed_at_any_time", "a_stage_and_its_guard_that_are_killed"],
    ),
    ("strangers", "a suspended stage that should end", &["a_suspended_talk_ends_when_it_is_asked_to"]),
    (
        "strangers",
        "outlines and recordings that would cost the square of their length",
        &[
            "l3_an_outline_of_many_sections_is_exported_in_time_that_grows_with_it",
            "l3_a_recording_of_many_resizes_is_exported_in_time",
        ],
    ),
    (
        "strangers",
        "scripts in pages, characters that turn text around, forged packs",
        &[
            "l4_no_script_runs_but_the_pages_own",
            "l5_no_verb_about_packs_passes_characters_that_turn_text_around",
            "l6_a_forged_file_unpacks_nothing_hidden_and_nothing_elsewhere",
        ],
    ),
    // What speakers bring
    (
        "pictures",
        "30,000×30,000 pixels, filters that never end, 10,000 frames",
        &[
            "pictures_that_are_too_much_are_said_and_the_deck_goes_on",
            "svg_bombs_end_within_their_budget_of_time_and_memory",
            "a_gif_of_too_many_frames_shows_as_many_as_it_may_and_says_so",
            "a_bomb_is_refused_before_it_is_decoded",
        ],
    ),
    (
        "pictures",
        "formulas with mistakes, 2 MB of Mermaid",
        &[
            "a_formula_with_a_mistake_says_where_and_shows_as_it_is_written",
            "texts_that_are_made_to_be_trouble_end_in_words",
            "a_diagram_that_is_too_long_says_the_limit_and_shows_its_beginning",
        ],
    ),
    (
        "pictures",
        "links with control characters",
        &[
            "stage_3_links_reach_the_terminal_and_nothing_else_does",
            "stage_3_only_addresses_of_the_web_and_of_mail_are_handed_on",
        ],
    ),
    (
        "themes",
        "letters that no font has",
        &["check_names_letters_that_no_font_has", "letters_that_no_font_here_has_stay_the_terminals_own"],
    ),
    (
        "themes",
        "a theme that extends itself, a contrast that is too low",
        &[
            "stage_12_what_is_wrong_with_a_theme_has_its_place",
            "what_can_hardly_be_read_is_told_with_its_contrast",
        ],
    ),
    // Ready for the stage
    (
        "scripts",
        "a step whose text never comes, a program that has ended, a recording without marks",
        &[
            "what_comes_late_is_taken_all_the_same",
            "a_program_that_ends_before_its_script_is_said_and_the_talk_goes_on",
            "a_recording_without_the_marks_plays_as_a_whole_and_says_so",
        ],
    ),
    (
        "settings",
        "typos, keys bound twice, no key that leaves",
        &[
            "each_mistake_is_told_with_its_place_and_what_to_write",
            "a_key_that_is_bound_is_taken_from_who_had_it",
            "whatever_is_bound_a_talk_can_be_left",
        ],
    ),
    (
        "settings",
        "a home that cannot be read or written to",
        &["a_home_that_is_not_there", "line_your_place"],
    ),
    (
        "settings",
        "a window that is resized while `preflight` looks",
        &["the_page_fits_80_columns_and_takes_the_window_as_it_is_when_it_changes"],
    ),
];
