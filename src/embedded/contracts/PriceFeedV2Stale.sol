// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PriceFeedV2} from "./PriceFeedV2.sol";

/// @notice BAD ON PURPOSE: takes new prices and forgets to say when, so the price looks older every block.
contract PriceFeedV2Stale is PriceFeedV2 {
    function _setPrice(uint256 price_) internal override {
        _priceFeed().price = price_;
        emit PriceChanged(price_);
    }
}
