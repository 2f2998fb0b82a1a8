// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PriceFeed} from "./PriceFeed.sol";

/// @notice Refuses a price that is a fifth or more away from the last one.
contract PriceFeedV2 is PriceFeed {
    error StepTooLarge(uint256 from, uint256 to);

    function version() external pure virtual override returns (string memory) {
        return "2.0.0";
    }

    function _setPrice(uint256 price_) internal virtual override {
        uint256 last = price();
        uint256 step = price_ > last ? price_ - last : last - price_;
        if (last != 0 && step * 5 >= last) revert StepTooLarge(last, price_);
        super._setPrice(price_);
    }
}
