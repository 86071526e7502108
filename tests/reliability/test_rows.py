"""Each kind of bad input, by its number, and the test that holds what it must get.

Where a table of inputs is tested, its keys begin with the number; other tests are named here.
"""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
TABLES = [*(TESTS / "data").glob("test_csv*.py"), TESTS / "evaluation" / "test_usable.py"]
KEYED = {int(row) for path in TABLES for row in re.findall(r'"(\d{1,3})-[^"]+"', path.read_text())}
QUALITY, FILES, TICKERS = "data/test_quality.py", "data/test_files.py", "data/test_tickers.py"
YAHOO, LOAD, CACHE = "data/test_yahoo.py", "data/test_load.py", "data/test_cache.py"
CHECKPOINT, COMMANDS, ENDS = (
    "training/test_checkpoint.py",
    "cli/test_commands.py",
    "cli/test_ends.py",
)
DATES, CSV, NUMBERS = "data/test_csv_dates.py", "data/test_csv.py", "data/test_csv_numbers.py"
NAMED = {
    4: (DATES, "a_row_that_comes_twice_is_kept_once"),
    11: (QUALITY, "gaps_of_more_than_ten_days_are_found"),
    15: (NUMBERS, "a_volume_of_zero_stays_and_a_column_of_zeros_goes"),
    20: (NUMBERS, "the_decimal_sign_is_the_one_that_most_numbers_show"),
    41: ("reliability/test_damaged.py", "a_file_of_a_gigabyte_is_refused_at_once"),
    42: (CSV, "what_is_no_file_is_refused_before_it_is_opened"),
    51: ("data/test_sessions.py", "a_coin_trades_every_day"),
    52: (DATES, "bars_within_a_day_keep_their_times"),
    53: (DATES, "a_last_session_without_prices_is_left_out"),
    55: (QUALITY, "a_jump_is_found_and_the_split_that_explains_it"),
    57: ("data/test_csv_columns.py", "further_columns_of_numbers_are_kept_and_others"),
    59: (NUMBERS, "an_adjusted_close_adjusts_all_four_prices"),
    61: (NUMBERS, "a_volume_beyond_64_bits_is_a_float"),
    62: ("features/test_scaling.py", "rows_outside_the_fitted_range_are_not_clipped"),
    63: (TICKERS, "anything_else_is_refused_in_one_plain_line"),
    64: (TICKERS, "a_ticker_never_holds_a_sign_of_paths_or_addresses"),
    65: (TICKERS, "real_tickers_pass_unchanged"),
    66: (TICKERS, "a_dot_before_a_share_class_is_meant_as_a_dash"),
    67: (TICKERS, "folder_names"),
    68: (TICKERS, "anything_else_is_refused_in_one_plain_line"),
    69: (TICKERS, "several_tickers_are_asked_for_one_by_one"),
    70: (TICKERS, "anything_else_is_refused_in_one_plain_line"),
    71: (CSV, "an_address_is_never_opened"),
    72: (YAHOO, "an_unknown_ticker_is_asked_for_once"),
    73: (LOAD, "an_old_copy_is_used_when_yahoo_fails"),
    74: (YAHOO, "three_tries_then_one_clear_sentence"),
    75: (LOAD, "an_answer_with_fewer_sessions_leaves_the_copy_alone"),
    76: (LOAD, "a_changed_past_is_fetched_again_whole"),
    77: (LOAD, "without_a_place_for_the_cache_prices_still_come"),
    78: (CACHE, "four_processes_share_one_file"),
    79: (CACHE, "a_hand_edited_copy_is_refused_until_it_is_written_again"),
    81: ("reporting/pages/test_document.py", "nothing_from_outside_becomes_markup"),
    83: ("reporting/test_pictures.py", "hostile_names_stay_words"),
    84: ("reporting/test_pictures.py", "letters_without_a_font_are_named"),
    85: ("cli/test_settings.py", "a_wrong_file_is_one_line_and_nothing_runs"),
    87: (CHECKPOINT, "foreign_files_are_refused_in_one_line"),
    88: (CHECKPOINT, "foreign_files_are_refused_in_one_line"),
    89: (CHECKPOINT, "any_flipped_byte_is_noticed"),
    90: (CHECKPOINT, "weights_that_are_no_numbers_are_refused"),
    91: (CHECKPOINT, "weights_of_another_shape_are_refused_before_a_network_is_made"),
    92: ("features/test_inputs.py", "other_columns_than_were_learned_are_refused_by_name"),
    93: (CHECKPOINT, "a_description_that_is_off_is_refused"),
    94: ("reliability/test_campaigns.py", "campaigns_in_small_lose_nothing"),
    95: (FILES, "a_folder_without_rights_is_refused_before_work_starts"),
    96: (FILES, "a_linked_folder_is_followed_and_a_linked_file_is_replaced"),
    97: (COMMANDS, "a_result_never_overwrites_the_file_it_was_made_from"),
    98: ("reporting/test_folder.py", "a_full_disk_leaves_the_old_result_whole"),
    99: (FILES, "a_kill_at_any_moment_leaves_old_or_new"),
    100: (ENDS, "a_signal_ends_learning_and_leaves_nothing"),
    101: (LOAD, "a_clock_put_back_makes_no_copy_eternal"),
    102: ("training/test_loop.py", "a_model_that_diverges_ends_alone_with_finite_weights"),
    103: ("reliability/test_campaigns.py", "campaigns_in_small_lose_nothing"),
    104: ("reliability/test_forks.py", "a_process_and_its_fork_learn_side_by_side"),
    105: ("evaluation/test_significance.py", "the_last_close_itself_is_called_identical"),
}


@pytest.mark.parametrize("row", range(1, 106))
def test_each_kind_of_bad_input_has_its_test(row: int) -> None:
    if row in NAMED:
        path, name = NAMED[row]
        assert re.search(rf"def test_\w*{name}\w*\(", (TESTS / path).read_text())
    else:
        assert row in KEYED
