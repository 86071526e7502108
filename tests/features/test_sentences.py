from forecast.data.pairs import Pairs
from forecast.features.sentences import encode_pairs, encode_sentence
from forecast.features.vocabulary import END, PAD, START, UNKNOWN, learn

SPECIALS = (PAD, UNKNOWN, START, END)
PAIRS = Pairs(sources=("ein hut", "ein alter hund"), targets=("a hat", "an old dog"))


def test_sentences_are_marked_and_long_ones_left_out() -> None:
    reads = learn(PAIRS.sources, "word", specials=SPECIALS)
    writes = learn(PAIRS.targets, "word", specials=SPECIALS)
    (read, written), *_ = found = encode_pairs(PAIRS, (reads, writes), longest=3)
    assert len(found) == 2
    assert [reads.names[each] for each in read] == ["ein", "hut", END]
    assert [writes.names[each] for each in written] == [START, "a", "hat", END]
    assert len(encode_pairs(PAIRS, (reads, writes), longest=2)) == 1
    assert encode_pairs(PAIRS, (reads, writes), longest=1) == []
    assert encode_sentence(reads, "ein hat").tolist() == [4, 1, 3]
