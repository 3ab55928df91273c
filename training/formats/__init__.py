"""Public archives as recordings: miniSEED with its metadata, K-NET ASCII, SeisBench and STEAD."""
