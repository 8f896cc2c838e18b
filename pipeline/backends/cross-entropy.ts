/** The kernel of softmax cross entropy; on backends without it, it is composed from library operations. */
export const crossEntropyKernel = 'SoftmaxCrossEntropy';
