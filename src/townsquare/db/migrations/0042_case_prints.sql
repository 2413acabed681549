-- Prints are asked for as often as they are written, and a list of what is not in the index yet is read with each question.
ALTER INDEX case_prints_bands SET (fastupdate = off);
