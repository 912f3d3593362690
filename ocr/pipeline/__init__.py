"""The jobs of the product, assembled from the other rooms: files in, results out."""
